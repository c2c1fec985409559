"""``derm preview`` as it is typed: what it says, in which order, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from typing import Any

import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from mobile_export.tools.preview import command as preview
from mobile_export.tools.preview.page_server import PageServer
from tests.support.browser_runtime import CACHE, installed_runtime
from tests.support.made_bundles import make_bundle


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ends the server as Ctrl-C does, and notes what was opened in the browser."""
    installed_runtime()
    opened: list[str] = []

    def interrupt(server: PageServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PageServer, "serve_forever", interrupt)
    monkeypatch.setattr(preview.webbrowser, "open", opened.append)
    return opened


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(cli, ["--cache", str(CACHE), "preview", *map(str, arguments)])


def test_it_says_first_what_the_model_may_not_be_used_for_and_then_the_address(bundle, stopped):
    result = run(bundle)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("NOT FOR COMMERCIAL USE")
    assert lines[1].startswith("This is not a medical device.")
    address = re.fullmatch(
        r"The page is at (http://127\.0\.0\.1:\d+/), for this machine alone; Ctrl-C ends it\.", lines[2]
    )
    assert address
    assert lines[3:] == ["The page is closed."]
    assert stopped == [address[1]]


def test_no_open_opens_nothing_and_a_port_is_taken_as_it_is_given(bundle, stopped, served):
    result = run(bundle, "--no-open", "--port", served.port)
    assert result.exit_code == 1
    assert f"Error: Port '{served.port}' cannot be listened on" in result.output
    assert stopped == []


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["nothing"], 2, "There is no bundle 'nothing'"),
        (["BUNDLE", "--runtime", "nothing.tgz"], 1, "There is no file 'nothing.tgz'"),
        (["BUNDLE", "--port", "70000"], 2, "--port"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(bundle, stopped, arguments, status, said):
    result = run(*(bundle if each == "BUNDLE" else each for each in arguments))
    assert result.exit_code == status
    assert said in result.output
    assert "Traceback" not in result.output


def test_names_of_a_bundle_cannot_command_the_terminal(onnx_file, viewed_facts, stopped, tmp_path):
    result = run(make_bundle(tmp_path / "bundle", onnx_file, viewed_facts, warning="\x1b[2Jevil\nline"))
    assert "\x1b" not in result.output
    assert "evil" in result.output.splitlines()[0]


def test_it_is_among_the_commands():
    result = CliRunner().invoke(cli, ["--help"])
    assert re.search(r"preview +Try a bundle in the browser", result.output)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_serves_until_it_is_stopped(bundle, number, status):
    installed_runtime()
    program = (sys.executable, "-c", "from derm_cli.cli import main; main()")
    command = [*program, "--cache", str(CACHE), "preview", str(bundle), "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    address = re.search(r"http://\S+/", lines[-1])
    assert address, lines
    with urllib.request.urlopen(address[0], timeout=10) as page:
        assert b"derm preview" in page.read()
    process.send_signal(number)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == status, said
    assert "Traceback" not in said
