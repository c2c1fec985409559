"""The command ``derm preview``."""

from __future__ import annotations

import signal
import webbrowser
from pathlib import Path
from typing import Any

import click

from derm_cli.plugin import DermError, one_line, say

NAME = "preview"
SUMMARY = "Try a bundle in the browser, as a phone would use it."


@click.command(NAME)
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of this machine to listen on; any that is free, if not given.",
)
@click.option("--open/--no-open", "opens", default=True, show_default=True, help="Open the page in the browser.")
@click.option(
    "--runtime",
    metavar="FILE.tgz",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The package onnxruntime-web, for a machine that cannot download it.",
)
@click.pass_obj
def command(session: Any, bundle: Path, port: int, opens: bool, runtime: Path | None) -> None:
    """Try a bundle in the browser, as a phone would use it.

    BUNDLE is a folder or zip of 'derm export --bundle --onnx'.  The page is for this machine alone: take or choose a
    photograph, answer the model's questions, and see its answer and the advice.  Everything is computed in the browser,
    by the bundle's own file, and nothing is sent anywhere.  What computes, onnxruntime-web, is downloaded once (33 MB).
    """
    from mobile_export.tools.preview.page_server import ServedPage, page_server
    from mobile_export.tools.preview.served_bundle import read_bundle
    from mobile_export.tools.preview.web_runtime import MEGABYTES, VERSION, fetch_runtime, is_there, runtime_folder

    served = read_bundle(bundle)
    folder = runtime_folder(session.settings.cache_folder)
    if runtime is not None or not is_there(folder):
        if runtime is None:
            say(f"Downloading onnxruntime-web {VERSION} ({MEGABYTES} MB), once.")
        elif not runtime.is_file():
            raise DermError(f"There is no file '{runtime}': give the package onnxruntime-web {VERSION}.")
        fetch_runtime(folder, runtime)
    for sentence in (served.manifest["warning"], served.manifest["medical_device"]):
        if sentence:
            say(one_line(sentence))
    with page_server(ServedPage.of(served, folder), port) as server:
        say(f"The page is at {server.address}, for this machine alone; Ctrl-C ends it.")
        if opens:
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt as stop:
            # Ctrl-C is how it ends; who sends another signal looks for its exit status.
            if getattr(stop, "signal", signal.SIGINT) != signal.SIGINT:
                raise
            say("The page is closed.")
