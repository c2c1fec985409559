"""The trackers that a variable asks for."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from derm_cli.markdown import markdown_table
from generated.markdown import summary


def tracker_table() -> str:
    """Return variable, extra and summary of each built-in plugin that is asked for by a variable."""
    import derm_trackers

    modules = [import_module(f"derm_trackers.{each.name}") for each in iter_modules(derm_trackers.__path__)]
    rows = [
        [
            f"`{module.__name__.rpartition('.')[2]}`",
            f"`{module.VARIABLE}`",
            f"`{module.EXTRA}`",
            summary(module).split(". ")[0].rstrip("."),
        ]
        for module in modules
        if hasattr(module, "VARIABLE")
    ]
    return markdown_table(["tracker", "variable", "extra", "what it writes"], rows)
