"""``python -m benchmarks.runtimes``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import machine
from benchmarks.runtimes.asking import AskedBundle
from benchmarks.runtimes.showing import as_markdown
from derm_cli import config
from derm_cli.errors import DermError
from derm_cli.workflows.session import Session

FOLDER = click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)
NOTE = (
    "Differences are of a probability, from those of the run's own model.keras on the same files, which each reads and "
    "resizes by itself; MediaPipe gets photographs that are resized already. Recall is the change of each class, in "
    "points."
)


@click.command("benchmarks.runtimes")
@click.argument("bundle", type=FOLDER)
@click.argument("run", type=FOLDER)
@click.option("--data", type=FOLDER, envvar="DERM_TEST_DATA", required=True, help="Folder with the run's dataset.")
@click.option(
    "--cache", type=click.Path(file_okay=False, path_type=Path), help="Folder for runtimes.  [default: derm's]"
)
@click.option("--photographs", type=click.IntRange(2), default=128, show_default=True, help="The most that are asked.")
def main(bundle: Path, run: Path, *, data: Path, cache: Path | None, photographs: int) -> None:
    """Ask every runtime about the test photographs of RUN by the models of its BUNDLE, both folders; print Markdown.

    The run must take no answers: MediaPipe takes no model that does.
    """
    from benchmarks.runtimes.browser import answers_of_the_page, versions
    from derm_cli.workflows.verify import photographs_of_run
    from mobile_export.bundle.reading import read_manifest

    try:
        if read_manifest(bundle)["questions"]:
            raise click.BadParameter(f"'{bundle}' is of a model that takes answers: name one that takes none.")
        places = {"data": data, "cache": cache, "runs": run.parent}
        session = Session(config.load({name: None if each is None else str(each) for name, each in places.items()}))
        folder = session.settings.cache_folder / "runtimes"
        asked = AskedBundle(bundle, photographs_of_run(session, session.runs.find(run.name), photographs), folder)
        asked_runtimes = [*asked.by_runtimes(), *asked.by_its_own_client()]
        with TemporaryDirectory(prefix="derm-runtimes-") as scratch:
            profile = Path(scratch)
            ask = partial(answers_of_the_page, bundle, cache=folder.parent, profile=profile / "asked")
            asked_runtimes += asked.by_the_page(versions(profile / "version"), lambda files: ask(photographs=files))
    except DermError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{as_markdown(asked_runtimes)}\n\n{NOTE}")
    click.echo("\nMachine: " + "; ".join(f"{name} {value}" for name, value in machine.facts().items()) + ".")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.runtimes")
