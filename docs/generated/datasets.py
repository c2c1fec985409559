"""Datasets: their tables and sections, downloads, columns, questions and findings."""

from __future__ import annotations

import textwrap
from typing import Any
from urllib.parse import urlsplit

from derm_cli.markdown import markdown_table
from derm_cli.plugin import DatasetSpec
from generated.builtin import registry
from generated.markdown import wrapped


def dataset_table() -> str:
    """Return a line for each built-in dataset and reader: all that a user asks before choosing one."""
    rows = [
        [
            f"[`{spec.name}`](#{spec.name})",
            spec.title,
            f"{spec.photographs:,} {spec.modality}" if spec.photographs else spec.modality,
            len(spec.classes) or "the folder's",
            spec.licence,
            spec.obtain,
            "<br>".join(f"`{path}`" for path in _paths(spec.layout)),
        ]
        for spec in registry().all(DatasetSpec).values()
    ]
    return markdown_table(["name", "what", "size", "classes", "licence", "how to get it", "layout"], rows)


def download_table() -> str:
    """Return a line for each built-in dataset that can be downloaded: from whom, how much, and how it is checked."""
    from derm_cli.data.downloading.space import size_text
    from derm_cli.plugin import Download, Listing

    rows = []
    for spec in registry().all(DatasetSpec).values():
        files = [each for each in spec.downloads if isinstance(each, Download)]
        if not spec.downloads:
            continue
        hosts = dict.fromkeys(urlsplit(each.address).hostname for each in spec.downloads)
        known = sum(each.size or 0 for each in files)
        lists = files or any(each.content for each in spec.downloads if isinstance(each, Listing))
        told = dict.fromkeys(each.checksum.partition(":")[0] for each in files if each.checksum)
        rows.append(
            [
                f"[`{spec.name}`](../reference/datasets.md#{spec.name})",
                spec.licence,
                ", ".join(f"`{host}`" for host in hosts),
                len(files) if len(files) == len(spec.downloads) else "as a list names",
                size_text(known) if known else "the server tells",
                ", ".join(told) or ("none known here" if lists else "the list tells"),
            ]
        )
    return markdown_table(["name", "licence", "from", "files", "size", "checksums"], rows)


def dataset_sections() -> str:
    """Return a section for each built-in dataset and reader: where to get it, its layout, its classes."""
    return "\n\n".join(_dataset(spec) for spec in registry().all(DatasetSpec).values())


def finding_table() -> str:
    """Return a line for each kind of finding of ``derm data check``, the worst first."""
    from derm_cli.data.checking.kinds import KINDS

    rows = [[kind.severity, kind.title, f"`{kind.name}`", kind.advice] for kind in KINDS.values()]
    return markdown_table(["", "finding", "name in `--json`", "what it means, and what to do"], rows)


def record_table() -> str:
    """Return a line for each column of records."""
    from derm_cli.plugin import RECORD_COLUMNS

    rows = [
        [f"`{column.name}`", column.meaning, column.expected, "required" if column.required else "where known"]
        for column in RECORD_COLUMNS
    ]
    return markdown_table(["column", "what", "values", "when"], rows)


def question_table() -> str:
    """Return a line for each question that several datasets answer."""
    from derm_cli.plugin import COMMON_FIELDS, DatasetSpec

    specs = [spec for spec in registry().all(DatasetSpec).values() if not spec.reader and spec.name != "dermai"]
    rows = [
        [
            f"`{field.name}`",
            field.title,
            field.expected.replace("a text", "one of those that the training part has"),
            "nobody" if field.tells_label else field.known_by,
            ", ".join(spec.name for spec in specs if field.name in {each.name for each in spec.metadata}) or "–",
        ]
        for field in COMMON_FIELDS.values()
    ]
    return markdown_table(["name", "question", "answers", "asked of", "answered in"], rows)


def _paths(layout: str) -> list[str]:
    """Return the paths that a layout names, without what it says of them."""
    parts = [part.strip() for line in layout.splitlines() for part in line.split("  (")[0].split("  ")]
    return [part for part in parts if " " not in part and ("/" in part or "." in part)]


def _dataset(spec: Any) -> str:
    parts = [
        f"### {spec.name}",
        wrapped(f"{spec.title}."),
        "\n".join(
            wrapped(f"- {what}: {value}", hanging="  ")
            for what, value in (
                ("licence", spec.licence),
                ("where to get it", spec.obtain),
                ("home page", f"<{spec.homepage}>" if spec.homepage.startswith("http") else spec.homepage),
                ("cite", spec.citation),
            )
        ),
        f"```text\n{textwrap.dedent(spec.layout)}\n```",
    ]
    if spec.classes:
        rows = [[f"`{each.name}`", each.title, "; ".join(each.diagnoses)] for each in spec.classes]
        parts.append(markdown_table(["class", "title", "diagnoses in the ISIC hierarchy"], rows))
    return "\n\n".join(parts)
