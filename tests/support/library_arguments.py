"""The types of the arguments of Python's functions, from the commands' options.

``python -m tests.support.library_arguments`` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from derm_cli.cli.shared.defaults import options_by_key
from derm_cli.cli.shared.output_files import InputFile, OutputFile, OutputFolder
from derm_cli.library.work import ELSEWHERE
from tests.support.sources import ROOT

MODULE = ROOT / "derm_cli" / "library" / "command_arguments.py"
HEAD = '''"""The arguments of each function: the options of the command of its name.

Written by ``python -m tests.support.library_arguments``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from derm_cli.library.call_options import CallOptions, FilePath
from derm_cli.library.run import Run
'''
RUNS = {"resume", "repeat", "teacher", "run"}
DATASETS = {"target": "FilePath", "chain": "str | Sequence[FilePath | Run]", "data": "FilePath | Sequence[FilePath]"}


def typed(key: str, option: click.Option) -> str:
    """Return the type of an option's value as Python callers give it."""
    if key in DATASETS:
        return DATASETS[key]
    if option.is_flag:
        return "bool"
    if key in RUNS:
        return "Run | str"
    one = _typed_item(option)
    if option.nargs > 1:
        return f"tuple[{', '.join([one] * option.nargs)}] | Sequence[{one}]"
    if option.multiple:
        pairs = " | Mapping[str, object]" if "=" in (option.metavar or "") else ""
        return f"{one} | Sequence[{one}]{pairs}"
    return one


def _typed_item(option: click.Option) -> str:
    kind = option.type
    if isinstance(kind, click.Choice):
        return f"Literal[{', '.join(repr(str(each)) for each in kind.choices)}]".replace("'", '"')
    if isinstance(kind, InputFile | OutputFile | OutputFolder):
        return "FilePath"
    if isinstance(kind, click.types.IntParamType):
        return "int"
    return "float" if isinstance(kind, click.types.FloatParamType) else "str"


def fields(function: str, command: click.Command) -> Iterator[str]:
    """Yield the lines of the fields of a function's options."""
    options = options_by_key(command, click.Context(command))
    for key, option in sorted(options.items()):
        hidden = key in ELSEWHERE[function] and not (function == "train" and key == "folds")
        if not hidden and not (key.startswith("no-") and key.removeprefix("no-") in options):
            name = "of_run" if (function, key) == ("evaluate", "run") else key.replace("-", "_")
            yield f"    {name}: {typed(key, option)} | None"


def text() -> str:
    """Return what the module must be."""
    from derm_cli.cli.evaluate import command as evaluate
    from derm_cli.cli.predict import command as predict
    from derm_cli.cli.study.run import command as study
    from derm_cli.cli.train import command as train

    parts = [HEAD]
    for function, command in (("train", train), ("evaluate", evaluate), ("predict", predict), ("study", study)):
        words = "study run" if function == "study" else function
        head = f"\n\nclass {function.capitalize()}Arguments(CallOptions, total=False):\n"
        head += f'    """The options of ``derm {words}``."""\n\n'
        parts.append(head + "\n".join(fields(function, command)) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    MODULE.write_text(text(), encoding="utf-8")
