"""The plugin that a project has in one file of its own, ``derm_plugin.py`` beside ``derm.toml``.

The file is code, run whenever derm starts: derm runs it only where the user's settings lie, in the working folder or
beside the file that ``DERM_CONFIG`` names, and never from a folder that is given as data.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from derm_cli.errors import DermError, first_line

FILE = "derm_plugin.py"
"""The file's name, which is the plugin's too."""
MODULE = "derm_plugin"


@dataclass(frozen=True)
class ProjectPlugin:
    """The file as what names and loads a plugin, in the place of an entry point; it is of no distribution."""

    path: Path
    name: str = FILE
    value: str = MODULE
    dist: None = None

    def load(self) -> ModuleType:
        """Run the file and return its module.  Raises DermError, with the line, where it fails."""
        from importlib.util import module_from_spec, spec_from_file_location

        spec = spec_from_file_location(MODULE, self.path)
        assert spec is not None
        assert spec.loader is not None
        # Dataclasses and Keras look a class's module up.
        module = sys.modules[MODULE] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            del sys.modules[MODULE]
            said = first_line(error.msg if isinstance(error, SyntaxError) else error)
            kind = type(error).__name__
            told = kind if said in (kind, "") else f"{kind}: {said}"
            raise DermError(f"'{self.path}', line {self._line_of(error)}: {told}") from error
        return module

    def _line_of(self, error: BaseException) -> int:
        """Return the line of the file at which it failed, the last that was reached of it."""
        if isinstance(error, SyntaxError) and error.lineno:
            return error.lineno
        import traceback

        steps = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in steps if frame.f_code.co_filename == str(self.path)]
        return lines[-1] if lines else 1


def project_plugin(settings_file: Path | None) -> ProjectPlugin | None:
    """Return the plugin of the project whose settings are ``settings_file``, None where there is none of either."""
    path = settings_file.absolute().parent / FILE if settings_file else None
    return ProjectPlugin(path) if path is not None and path.is_file() else None
