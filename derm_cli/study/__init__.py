"""Trainings that belong together, and what they come to: studies, and cross-validation.

The package can be called: ``derm_cli.study`` is also the function by which Python callers have a study carried out
(:func:`derm_cli.library.studies.study`), and a package is what Python binds to that name once a module of it is
imported.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return import_module("derm_cli.library.studies").study(*arguments, **options)


sys.modules[__name__].__class__ = _CallablePackage
