"""``derm.export``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.library.call_options import FilePath
from derm_cli.library.calls import call
from derm_cli.library.run import Run

if TYPE_CHECKING:
    from derm_cli.workflows.exporting.parity import Parity


@dataclass(frozen=True)
class ExportedFile:
    """A file, or a bundle, that was written: its ``format``, ``path`` and bytes.

    ``format`` is as in run.json: ``tflite``, ``tflite:int8``, ``bundle``.  ``parity`` says how near its answers are to
    the run's, None for a bundle, which is proved by itself.
    """

    format: str
    path: Path
    size: int
    parity: Parity | None = None


def export(
    run: Run | FilePath | None = None,
    formats: str | Iterable[str] = (),
    *,
    quantize: str | Sequence[str] | None = None,
    float_input: bool = False,
    labels: str | Sequence[str] | None = None,
    **options: Any,
) -> list[ExportedFile]:
    """Write a run's model for phones as ``derm export`` does, each file checked against the run before it is there.

    ::

        files = derm.export(run, formats=["tflite"], quantize=["int8"])

    ``formats`` names exporters, and packagers such as ``bundle``; ``quantize``, ``float_input`` and ``labels`` are as
    in the command.  ``options`` are those that exporters of plugins have of their own, as ``zip_level=3``, and those of
    every call (:class:`~derm_cli.library.call_options.CallOptions`).  Raises RequestError for what cannot be meant, and
    DermError where a file would answer otherwise than the run: it is then not written.
    """
    wanted = [formats] if isinstance(formats, str) else list(formats)
    given = {"quantize": quantize, "float_input": float_input, "labels": labels, **options}
    (artefacts, bundles), _ = call("export", (run, wanted), given)
    return [
        *(ExportedFile(each.name, each.path.absolute(), each.size, each.parity) for each in artefacts),
        *(ExportedFile(each.packager, each.path.absolute(), each.size) for each in bundles),
    ]
