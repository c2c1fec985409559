"""What becomes of each answer of ``derm predict`` as it comes: a line of a table, of JSON or of a file that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from derm_cli import console
from derm_cli.cli.shared.printing import echo, echo_error, echo_json, echo_json_piece, listing_width
from derm_cli.csv_cells import inert, row_writer
from derm_cli.errors import one_line
from derm_cli.fitting import GAP

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
    """Print each answer as a line of a table, whose first column has ``width`` characters or more.

    A terminal that has no room for a column of each class shows the likeliest classes of each photograph alone.
    """
    names, columns = [each.name for each in facts.classes], listing_width()
    headers = ["photograph", "prediction", *names, *more]
    widths = [
        max(width, len(headers[0])),
        max(map(len, (*names, "prediction"))),
        *(max(6, len(each)) for each in names),
    ]
    has_room = columns is None or sum(widths) + GAP * (len(widths) - 1) <= columns
    write_row = _every_class(headers, widths) if has_room or columns is None else _likeliest_classes(facts, columns)
    has_head = False

    def write(answer: ImagePrediction) -> None:
        nonlocal has_head
        if answer.probabilities is not None:
            head, rows = write_row(answer)
            echo("\n".join(rows if has_head else [*head, *rows]))
            has_head = True

    yield write


WriteRow = Callable[["ImagePrediction"], tuple[list[str], list[str]]]
"""What gives the lines of a table's head, and those of an answer."""


def _every_class(headers: Sequence[str], widths: Sequence[int]) -> WriteRow:
    """Return what writes a probability for each class, and the map, where the headings have one."""

    def write(answer: ImagePrediction) -> tuple[list[str], list[str]]:
        shares = [f"{p:.4f}" for p in (answer.probabilities or {}).values()]
        more = [answer.map] if len(headers) > 2 + len(shares) else []
        lines = console.table(headers, [[answer.file, answer.prediction, *shares, *more]], widths).split("\n")
        return lines[:2], lines[2:]

    return write


def _likeliest_classes(facts: ArtefactFacts, columns: int) -> WriteRow:
    """Return what writes the likeliest classes with their titles, the likeliest first, below the photograph's name."""
    titles = {each.name: each.title for each in facts.classes}

    def write(answer: ImagePrediction) -> tuple[list[str], list[str]]:
        shares = sorted((answer.probabilities or {}).items(), key=lambda each: -each[1])[:LIKELIEST]
        rows = [[f"{share:.4f}", name, titles[name] if titles[name] != name else ""] for name, share in shares]
        text = console.table(["", "", ""], rows, width=columns - 2)
        shown = [f"  {line}".rstrip() for line in text.split("\n")[2:]]
        return [], [one_line(answer.file), *shown, *([f"  map {answer.map}"] if answer.map else [])]

    return write


LIKELIEST = 3
"""So many classes of a photograph are shown where there is no room for all."""


def tell_unread(answer: ImagePrediction) -> None:
    """Say on standard error that a photograph has no answer, and why."""
    if answer.probabilities is None:
        echo_error(unread_sentence(answer))


def unread_sentence(answer: ImagePrediction) -> str:
    """Return that a photograph has no answer, and why."""
    return f"'{one_line(answer.file)}' is not answered ({answer.reason}): give a JPEG or PNG that opens."


@contextmanager
def csv_file(facts: ArtefactFacts, path: Path) -> Iterator[Sink]:
    """Write each answer as a row of a table, which is whole up to there at any time."""
    with _opened(path) as file:
        writer = row_writer(file)

        def write(cells: Sequence[object]) -> None:
            writer.writerow([inert(cell) for cell in cells])
            file.flush()

        write(answer_columns(facts))
        yield lambda answer: write(["" if each is None else each for each in answer_row(facts, answer)])


def answer_columns(facts: ArtefactFacts) -> list[str]:
    """Return the columns of a table of answers."""
    return ["file", "prediction", *(f"p_{each.name}" for each in facts.classes), "reason", "run"]


def answer_row(facts: ArtefactFacts, answer: ImagePrediction) -> list[str | float | None]:
    """Return an answer as a row of :func:`answer_columns`; None where there is nothing."""
    probabilities = [(answer.probabilities or {}).get(each.name) for each in facts.classes]
    return [answer.file, answer.prediction, *probabilities, answer.reason, facts.run]


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
