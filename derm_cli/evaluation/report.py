"""An evaluation as one HTML page that needs no other file and no program."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from derm_cli.evaluation import SYNTHETIC
from derm_cli.evaluation.figures import Evaluation
from derm_cli.evaluation.tables import overall_rows, per_class_rows
from derm_cli.files import write_text

TEMPLATE = "report.html.jinja"


def write_report(
    evaluation: Evaluation, picture: Path, path: Path, title: str, facts: Mapping[str, str], *, made: bool
) -> None:
    """Write the figures of ``evaluation``, ``picture`` (a PNG) and ``facts`` under ``title``; whole or not at all.

    ``made`` puts above all that photographs made by a program are among those judged or trained on.
    """
    import jinja2

    # Names of classes and files may hold anything: all of it is text, none of it markup.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    page = template.render(
        title=title,
        made=made,
        synthetic=SYNTHETIC,
        facts=facts,
        tables=[per_class_rows(evaluation), overall_rows(evaluation)],
        notes=evaluation.notes,
        picture=base64.b64encode(picture.read_bytes()).decode(),
    )
    write_text(path, page)
