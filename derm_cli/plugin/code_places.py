"""Where a plugin's code is: the files that are its own, and the line that a fault comes from."""

from __future__ import annotations

import sys
import traceback
from importlib import util
from pathlib import Path
from types import CodeType
from typing import Any

_DERM = Path(__file__).parents[1]


def home_of(module: str) -> Path | None:
    """Return the folder of the package that ``module`` is in, or the file of a module of no package.

    None where there is no file, as of modules that are made in memory.  Nothing is imported.
    """
    top = module.partition(":")[0].partition(".")[0]
    file = getattr(sys.modules.get(top), "__file__", None)
    if file is None and top not in sys.modules:
        try:
            found = util.find_spec(top)
        except (ImportError, ValueError):
            found = None
        file = found.origin if found else None
    if not file or file in ("built-in", "frozen"):
        return None
    path = Path(file)
    return path.parent if path.stem == "__init__" else path


def place_of(home: Path | None, function: Any = None, error: BaseException | None = None) -> str:
    """Return file and line, as in ``'/…/my_clinic.py', line 33``: of the last line in ``home`` that ``error`` came by.

    Where it came by none, of the function's own first line; '' where neither is known.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"'{error.filename}', line {error.lineno}"
    code = _code_of(function)
    own = {code.co_filename} if code else set()
    steps = [] if error is None else list(traceback.walk_tb(error.__traceback__))
    lines = [(frame.f_code.co_filename, line) for frame, line in steps]
    inside = [(file, line) for file, line in lines if file in own or is_in(file, home)]
    if inside:
        file, line = inside[-1]
        return f"'{file}', line {line}"
    return f"'{code.co_filename}', line {code.co_firstlineno}" if code else ""


def passes(error: BaseException, home: Path | None) -> bool:
    """Tell whether an error came by a line of the code in ``home`` after the last line of derm's that it came by.

    Where no file of a plugin is known, any line after derm's counts.
    """
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    derm = [number for number, file in enumerate(files) if is_in(file, _DERM)]
    return any(home is None or is_in(file, home) for file in files[derm[-1] + 1 if derm else 0 :])


def is_in(file: str, home: Path | None) -> bool:
    """Tell whether a source file is that of ``home``, or below it."""
    return home is not None and Path(file).is_relative_to(home)


def _code_of(function: Any) -> CodeType | None:
    """Return the code of a function, or of what a partial, a method or a callable object calls."""
    for _ in range(10):
        if code := getattr(function, "__code__", None):
            return code if isinstance(code, CodeType) else None
        following = getattr(function, "__wrapped__", None) or getattr(function, "func", None)
        following = following or getattr(function, "__func__", None)
        if following is None and not isinstance(function, type):
            following = vars(type(function)).get("__call__")
        if following is None:
            following = vars(function).get("__init__") if isinstance(function, type) else None
        if following is None:
            return None
        function = following
    return None
