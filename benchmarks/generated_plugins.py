"""Distributions as pip would leave them, to be put on PYTHONPATH: a module, and a .dist-info that names its plugin."""

from __future__ import annotations

from pathlib import Path

from derm_cli.plugin.loading import GROUP

_MODULE = '''"""A made plugin: one dataset."""

from derm_cli.plugin import hookimpl


@hookimpl
def derm_datasets():
    """Return the dataset."""
    from derm_cli.plugin import DatasetSpec, LesionClass

    return [
        DatasetSpec(
            name="{name}",
            title="a made dataset",
            classes=(LesionClass(name="a", title="a"), LesionClass(name="b", title="b")),
            records=_records,
            modality="clinical",
            licence="none",
            citation="none",
            homepage="none",
            obtain="nowhere",
            layout="none",
        )
    ]


def _records(root):
    raise NotImplementedError
'''


def write_distribution(folder: Path, name: str, module: str) -> None:
    """Write a distribution ``name`` into ``folder`` whose plugin of the same name is the module ``module``."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}\n", encoding="utf-8")


def write_plugins(folder: Path, count: int) -> list[str]:
    """Write ``count`` plugins, each with a dataset of its own, into ``folder`` and return their names."""
    names = [f"made-{number:02}" for number in range(count)]
    for name in names:
        module = name.replace("-", "_")
        write_distribution(folder, name, module)
        (folder / f"{module}.py").write_text(_MODULE.format(name=name), encoding="utf-8")
    return names
