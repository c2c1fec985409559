"""Derm: train, judge and ship skin-lesion classifiers.

For Python callers the package has what the commands do, as functions of typed values::

    import derm_cli as derm

    run = derm.train(backbone="effnet-lite0", chain=["imagenet", "synthetic-phone"])
    report = derm.evaluate(run)
    report.metrics["macro_f1"].value

They are imported when they are first used: to import the package costs next to nothing.

Its packages, from the top: ``library``, ``cli``, ``studies``, ``workflows``, ``evaluation``, ``engine``, ``runs``,
``data``, ``plugin``; below them the modules ``plan``, ``taxonomy``, ``arrays``, ``config``, ``console``, ``files`` and
``errors``.  Each may import those below it, never those above; import-linter checks that.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derm_cli.errors import DermError as DermError
    from derm_cli.errors import Interrupted as Interrupted
    from derm_cli.errors import RequestError as RequestError
    from derm_cli.library.evaluating import EvaluationReport as EvaluationReport
    from derm_cli.library.evaluating import MetricEstimate as MetricEstimate
    from derm_cli.library.evaluating import evaluate as evaluate
    from derm_cli.library.exporting import ExportedFile as ExportedFile
    from derm_cli.library.exporting import export as export
    from derm_cli.library.predicting import predict as predict
    from derm_cli.library.progress_reports import ProgressReport as ProgressReport
    from derm_cli.library.run import Run as Run
    from derm_cli.library.run import find_run as find_run
    from derm_cli.library.studies import StudyResult as StudyResult
    from derm_cli.library.studies import study as study
    from derm_cli.library.telling import DermWarning as DermWarning
    from derm_cli.library.training import train as train

__version__ = "0.1.0"
_HOMES = {
    "derm_cli.errors": ("DermError", "Interrupted", "RequestError"),
    "derm_cli.library.evaluating": ("EvaluationReport", "MetricEstimate", "evaluate"),
    "derm_cli.library.exporting": ("ExportedFile", "export"),
    "derm_cli.library.predicting": ("predict",),
    "derm_cli.library.progress_reports": ("ProgressReport",),
    "derm_cli.library.run": ("Run", "find_run"),
    "derm_cli.library.studies": ("StudyResult", "study"),
    "derm_cli.library.telling": ("DermWarning",),
    "derm_cli.library.training": ("train",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = [
    "DermError",
    "DermWarning",
    "EvaluationReport",
    "ExportedFile",
    "Interrupted",
    "MetricEstimate",
    "ProgressReport",
    "RequestError",
    "Run",
    "StudyResult",
    "__version__",
    "evaluate",
    "export",
    "find_run",
    "predict",
    "study",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'derm_cli' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
