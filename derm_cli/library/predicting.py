"""``derm.predict``."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING

from derm_cli.frames import texts_in_python
from derm_cli.library.call_options import FilePath
from derm_cli.library.calls import call
from derm_cli.library.run import Run

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from derm_cli.library.command_arguments import PredictArguments


def predict(
    model: Run | FilePath | None, images: FilePath | Iterable[FilePath], **options: Unpack[PredictArguments]
) -> pd.DataFrame:
    """Ask a model about photographs as ``derm predict`` does, and return a row for each, in their order.

    ::

        table = derm.predict(run, ["a.jpg", "b.jpg"])
        table[["file", "prediction", "p_MEL"]]

    ``model`` is a run, its id or folder, an artefact or a bundle; None is the chosen run, else the latest finished one.
    ``images`` are files, folders, or patterns such as ``in/**/*.jpg``.  The columns are those of ``--csv``: ``file``,
    ``prediction``, ``p_`` each class (0 to 1), ``reason`` why a photograph has no answer, ``run``.  Such a photograph
    is warned of.  Raises RequestError for what cannot be meant, DermError for what cannot be done.
    """
    import pandas as pd

    listed = [images] if isinstance(images, str | PathLike) else list(images)
    table, _ = call("predict", (model, listed), options)
    # Names of photographs may be no UTF-8.
    with texts_in_python():
        return pd.DataFrame(list(table.rows), columns=list(table.columns))
