"""The argument that names a dataset."""

from __future__ import annotations

import click

from derm_cli.cli.shared.options import completing, dataset_names

name_argument = click.argument("name", shell_complete=completing(dataset_names))
