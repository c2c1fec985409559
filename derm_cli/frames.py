"""Texts in pandas' tables are Python's own, whatever is installed beside pandas.

Where pyarrow is installed pandas keeps texts in it, which takes no name of a file that is no UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_OPTION, _PYTHON = "mode.string_storage", "python"


def keep_texts_in_python() -> None:
    """Have all tables that are made in this process from here on keep their texts so: where the process is derm's."""
    import pandas as pd

    pd.set_option(_OPTION, _PYTHON)


@contextmanager
def texts_in_python() -> Iterator[None]:
    """Have tables that are made in a ``with`` block keep their texts so: where the process may be somebody else's."""
    import pandas as pd

    with pd.option_context(_OPTION, _PYTHON):
        yield
