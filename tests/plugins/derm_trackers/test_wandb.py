"""Files for Weights & Biases, read back record by record; nobody is called meanwhile."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from derm_cli.plugin import DermError, RunFacts
from derm_cli.plugin.registry import Registry
from derm_trackers import wandb as tracker
from tests.support.sources import ROOT
from tests.support.told_runs import PLACES, PLAN, finish, numbers_of, report, train

EPOCHS = [report(*place) for place in PLACES]
BLOCK, HEADER = 32768, 7


@pytest.fixture
def run(tmp_path, monkeypatch) -> RunFacts:
    monkeypatch.setenv("DERM_WANDB", "1")
    monkeypatch.setattr(tracker, "_opened", {})
    return RunFacts(id="a-run", folder=tmp_path / "runs" / "a-run", plan=PLAN, synthetic=True)


def records(path: Path) -> Iterator[bytes]:
    """Yield the records of a file in LevelDB's log format, which begins with seven bytes of wandb's own."""
    content, place, whole = path.read_bytes(), HEADER, b""
    while place + HEADER <= len(content):
        left = BLOCK - place % BLOCK
        if left < HEADER:
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", content, place)
        whole += content[place + HEADER : place + HEADER + length]
        place += HEADER + length
        # Whole, first, middle, last.
        if kind in (1, 4):
            yield whole
            whole = b""


def read(run: RunFacts) -> list[tuple[dict, list[dict], dict]]:
    """Return configuration, history and summary of each folder that wandb would send."""
    from wandb.proto.wandb_internal_pb2 import Record

    found = []
    for path in sorted((run.folder / "wandb").glob("offline-run-*/*.wandb"), key=lambda each: each.name):
        configuration: dict[str, Any] = {}
        history: list[dict[str, Any]] = []
        summary: dict[str, Any] = {}
        for each in records(path):
            record = Record()
            record.ParseFromString(each)
            kind = record.WhichOneof("record_type")
            if kind == "run":
                configuration |= {each.key: json.loads(each.value_json) for each in record.run.config.update}
            elif kind == "history":
                history.append({_name(each): json.loads(each.value_json) for each in record.history.item})
            elif kind == "summary":
                summary |= {_name(each): json.loads(each.value_json) for each in record.summary.update}
        found.append((configuration, history, summary))
    return found


def _name(item) -> str:
    return item.key or ".".join(item.nested_key)


def test_plan_epochs_and_metrics_are_read_back_and_nobody_is_called(tmp_path):
    """In a process of its own: every address but this machine's would go over a proxy, which nobody asks."""
    program = """
import sys
from pathlib import Path
from derm_cli.plugin import RunFacts
from derm_trackers import wandb
from tests.support.told_runs import PLACES, PLAN, finish, report, train
run = RunFacts(id="a-run", folder=Path(sys.argv[1]), plan=PLAN, synthetic=True)
epochs = [report(*place) for place in PLACES]
train(wandb, run, epochs[:3])
wandb._opened.clear()
train(wandb, run, epochs[3:], done=epochs[:3])
finish(wandb, run)
"""
    called: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def listen() -> None:
            try:
                while True:
                    connection, _ = proxy.accept()
                    called.append(connection.recv(200))
                    connection.close()
            except OSError:
                return

        threading.Thread(target=listen, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        ways = {
            name: address for each in ("http", "https", "all") for name in (f"{each}_proxy", f"{each}_PROXY".upper())
        }
        environment = {**os.environ, **ways, "no_proxy": "", "WANDB_BASE_URL": address, "DERM_WANDB": "1"}
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path / "a-run"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
    assert called == []
    assert not list((tmp_path / "a-run").rglob("*.log")), "a log that grows while the run is sealed would spoil it"
    assert done.stdout == b""
    run = RunFacts(id="a-run", folder=tmp_path / "a-run", plan=PLAN, synthetic=True)
    first, (configuration, history, summary) = read(run)
    assert configuration["backbone"] == "made"
    assert configuration["synthetic"] is True
    assert [row["_step"] for row in first[1]] == [1, 2, 3]
    assert [row["_step"] for row in history] == [1, 2, 3, 4, 5, 6, 7, 8], "the last folder has the whole curve"
    for row, epoch in zip(history, EPOCHS, strict=True):
        assert {name: row[name] for name in numbers_of(epoch)} == numbers_of(epoch)
    assert {name: summary[name] for name in summary if name.startswith("test.")} == {
        "test.cases": 44,
        "test.accuracy": 0.5,
    }


@pytest.mark.parametrize("value", [None, "", "0"])
def test_it_is_off_by_default(run, monkeypatch, value):
    monkeypatch.delenv("DERM_WANDB") if value is None else monkeypatch.setenv("DERM_WANDB", value)
    train(tracker, run, EPOCHS[:1])
    finish(tracker, run)
    assert not (run.folder / "wandb").exists()


def test_another_value_is_refused(run, monkeypatch):
    monkeypatch.setenv("DERM_WANDB", "online")
    with pytest.raises(DermError, match="DERM_WANDB is 'online', but must be 1"):
        train(tracker, run, [])


def test_without_the_library_a_sentence_names_the_extra_and_the_run_goes_on(run, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "wandb"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(DermError, match=r"pip install 'derm-cli\[wandb\]', or unset DERM_WANDB"):
        train(tracker, run, [])
    registry = Registry(only=["wandb"])
    for event, facts in (("derm_run_started", {}), ("derm_epoch_ended", {"epoch": EPOCHS[0]})):
        registry.tell(event, run=run, **facts)
    assert capsys.readouterr().err.count("pip install 'derm-cli[wandb]'") == 1
    finish(tracker, run)
    assert not (run.folder / "wandb").exists()
