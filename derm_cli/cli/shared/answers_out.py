"""What becomes of each answer of ``derm predict`` as it comes: a line of a table, of JSON or of a file that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from derm_cli import console
from derm_cli.cli.shared.printing import echo, echo_json, echo_json_piece
from derm_cli.csv_cells import inert, row_writer
from derm_cli.errors import one_line

if TYPE_CHECKING:
    from derm_cli.plugin import ArtefactFacts
    from derm_cli.workflows.predicting.predict import ImagePrediction

Sink = Callable[["ImagePrediction"], None]
"""What takes the answers, one after the other."""
WIDTH_OF_LISTS = 40
"""Characters of the column of photographs where it is not known how long their paths will be."""


@contextmanager
def growing_json(write: Callable[[str], object], head: dict[str, Any], key: str) -> Iterator[Callable[[Any], None]]:
    """Write a JSON object whose last value, ``key``, is an array; give what adds to it.

    The text is a whole document once the ``with`` block is left, in whatever way, and the same as of all at once.
    """
    count = 0

    def add(value: Any) -> None:
        nonlocal count
        comma, count = "," if count else "", count + 1
        write(f"{comma}\n    " + console.as_json(value).replace("\n", "\n    "))

    write(console.as_json(head | {key: []}).removesuffix("]\n}"))
    try:
        yield add
    finally:
        write("\n  ]\n}\n" if count else "]\n}\n")


@contextmanager
def json_document(facts: ArtefactFacts) -> Iterator[Sink]:
    """Print the answers as one JSON document."""
    with growing_json(echo_json_piece, {"run": facts.run, "synthetic": facts.made}, "answers") as add:
        yield lambda answer: add(answer.to_json())


@contextmanager
def json_lines(facts: ArtefactFacts) -> Iterator[Sink]:
    """Print each answer as a line of JSON."""

    def write(answer: ImagePrediction) -> None:
        values = {"run": facts.run, "synthetic": facts.made, **answer.to_json()}
        echo_json(values, indent=None)

    yield write


@contextmanager
def printed_table(facts: ArtefactFacts, width: int, more: Sequence[str] = ()) -> Iterator[Sink]:
    """Print each answer as a line of a table, whose first column has ``width`` characters or more."""
    names = [each.name for each in facts.classes]
    headers = ["photograph", "prediction", *names, *more]
    widths = [width, max(map(len, names)), *(6 for _ in names), *(0 for _ in more)]
    has_head = False

    def write(answer: ImagePrediction) -> None:
        nonlocal has_head
        if answer.probabilities is None:
            return
        shares = [f"{p:.4f}" for p in answer.probabilities.values()]
        cells = [answer.file, answer.prediction, *shares, *([answer.map] if more else [])]
        lines = console.table(headers, [cells], widths).split("\n")
        echo("\n".join(lines[2:] if has_head else lines))
        has_head = True

    yield write


def tell_unread(answer: ImagePrediction) -> None:
    """Say on standard error that a photograph has no answer, and why."""
    if answer.probabilities is None:
        echo(
            f"Error: '{one_line(answer.file)}' is not answered ({answer.reason}): give a JPEG or PNG that opens.",
            err=True,
        )


@contextmanager
def csv_file(facts: ArtefactFacts, path: Path) -> Iterator[Sink]:
    """Write each answer as a row of a table, which is whole up to there at any time."""
    names = [each.name for each in facts.classes]
    with _opened(path) as file:
        writer = row_writer(file)

        def write(cells: Sequence[object]) -> None:
            writer.writerow([inert(cell) for cell in cells])
            file.flush()

        write(["file", "prediction", *(f"p_{name}" for name in names), "reason", "run"])
        yield lambda answer: write(
            [
                answer.file,
                answer.prediction or "",
                *((answer.probabilities or {}).get(name, "") for name in names),
                answer.reason or "",
                facts.run,
            ]
        )


@contextmanager
def fhir_file(facts: ArtefactFacts, path: Path, subject: str | None) -> Iterator[Sink]:
    """Write each answer as an Observation of FHIR: a line of .ndjson, else an entry of one Bundle."""
    from derm_cli.workflows.predicting.fhir import HEAD, entry, observation

    with _opened(path) as file:

        def write(text: str) -> None:
            file.write(text)
            file.flush()

        if path.suffix.lower() == ".ndjson":
            yield lambda answer: write(console.as_json(observation(answer, facts, subject), indent=None) + "\n")
            return
        with growing_json(write, HEAD, "entry") as add:
            yield lambda answer: add(entry(observation(answer, facts, subject)))


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of a file need not be UTF-8.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        yield file
