"""How a tracker is asked for: by a variable of its own, and a library that an extra installs."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from derm_cli.plugin import DermError


def is_asked(variable: str, what: str) -> bool:
    """Tell whether ``variable`` is 1.

    Raises DermError, which names ``what`` 1 gives, for other values than 0 and 1.
    """
    value = os.environ.get(variable, "")
    if value not in ("", "0", "1"):
        raise DermError(f"{variable} is '{value}', but must be 1 for {what}, or 0 for none.")
    return value == "1"


def imported(module: str, library: str, extra: str, variable: str) -> Any:
    """Import ``module`` of a ``library``.  Raises DermError with the ``extra`` to install where that cannot be done."""
    try:
        return import_module(module)
    except ImportError as error:
        raise DermError(
            f"{variable} is '1', but {library} cannot be imported ({error}): "
            f"run pip install 'derm-cli[{extra}]', or unset {variable}."
        ) from error
