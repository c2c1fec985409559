"""``make bench-gpu`` on a CPU at a tiny size: the same command, the same tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import accelerator, chain, gpu, paper_sets
from benchmarks.accelerator import Seen
from benchmarks.chain import ROWS, Carried, Chain
from benchmarks.processes import Outcome
from benchmarks.timeline import Timeline
from benchmarks.training import Training
from derm_cli.config import load
from derm_cli.data.locating import locate
from derm_cli.data.records import read_records
from derm_cli.plugin.registry import Registry

TINY = ["--size", "32", "--backbone", "mobilenet-v2", "--chain", "edra", "--schedule", "linear-probe"]
SHORT = ["--photographs", "30", "--epochs", "1", "--programs", "stage", "--backend", "jax"]


def test_a_tiny_chain_compiles_no_program_twice(tmp_path):
    file = tmp_path / "figures.json"
    done = CliRunner().invoke(gpu.main, [*TINY, *SHORT, "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert all(name in done.stdout for name, _ in ROWS)
    assert "by stage, cold" in done.stdout
    assert "edra (batch 5), head" in done.stdout
    assert "from another measurement" in done.stdout
    assert "not the paper's own chain" in done.stdout
    cold, warm = json.loads(file.read_text())["carried"]
    assert cold["compiled"] > 0 == warm["compiled"]
    assert warm["accounts"]["compiling"] <= cold["accounts"]["compiling"]
    assert cold["steps"] == warm["steps"] > 0


def test_without_an_accelerator_the_papers_size_is_refused(monkeypatch):
    monkeypatch.setattr(accelerator, "look", lambda *_: Seen("jax", "1", "CPU", accelerated=False))
    monkeypatch.setattr(chain, "measure", lambda *_: pytest.fail("it went on"))
    done = CliRunner().invoke(gpu.main)
    assert done.exit_code == 1
    assert done.output.startswith("Error: No accelerator is seen by jax or tensorflow")
    assert len(done.output.splitlines()) == 1


def test_a_backend_that_sees_an_accelerator_is_taken_before_one_that_does_not(monkeypatch, tmp_path):
    cpu, card = Seen("jax", "1", "CPU", accelerated=False), Seen("tensorflow", "1", "a card", accelerated=True)
    seen = {"jax": cpu, "tensorflow": card, "absent": None}
    monkeypatch.setattr(accelerator, "_ask", lambda backend, _: seen[backend])
    assert accelerator.look(("jax", "tensorflow"), tmp_path) == card
    assert accelerator.look(("absent", "jax"), tmp_path) == cpu
    assert accelerator.look(("absent",), tmp_path) is None


@pytest.mark.parametrize("name", paper_sets.PAPER_SETS)
def test_stand_ins_are_read_as_the_papers_sets(tmp_path, name):
    made = paper_sets.make([name], tmp_path, images=60, side=16)
    records = read_records(locate(name, load({"data": str(tmp_path)}, {}), Registry()))
    assert len(records.frame) == made
    assert set(records.frame["label"]) == {each.name for each in records.classes}
    assert len(records.dropped) == 0


def test_stand_ins_have_the_papers_numbers_and_so_its_steps():
    totals = {name: sum(each.counts.values()) for name, each in paper_sets.PAPER_SETS.items()}
    assert totals == {"edra": 1011, "dermofit": 1300, "dermai": 3430}
    classes = {name: len(each.counts) for name, each in paper_sets.PAPER_SETS.items()}
    assert classes == {"edra": 5, "dermofit": 10, "dermai": 13}


def carried(rates: list[float], building: float, compiling: float, run: Path) -> Carried:
    run.mkdir()
    seconds = {"building": building, "compiling": compiling, "stepping": 50.0}
    (run / "run.json").write_text(json.dumps({"seconds": seconds}))
    with (run / "history.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["stage_name", "phase_name", "images_per_second", "device_memory_bytes"])
        for place, rate in enumerate(rates):
            rows.writerow(["dermai", "head" if place < len(rates) / 2 else "head+a", rate, (1 + place) << 20])
    return Carried("stage", "warm", 0, Training(Outcome(0.0, 100.0, 1), Timeline(), run))


def test_the_papers_chain_is_held_against_what_is_aimed_at(tmp_path):
    reached = carried([3000.0, 3100.0, 3200.0, 1500.0, 1700.0, 1650.0], 4.0, 6.0, tmp_path / "a")
    assert reached.rates == {("dermai", "head"): 3100.0, ("dermai", "head+a"): 1650.0}
    assert (reached.lost, reached.rest, reached.device_bytes) == (10.0, 40.0, 6 << 20)
    missed = carried([3000.0, 1500.0], 5.0, 6.0, tmp_path / "b")
    words = [said.partition(":")[0] for said in chain._verdicts(Chain(), [reached, missed])]
    assert words == ["Reached", "Reached", "MISSED", "MISSED"]
    (said,) = chain._verdicts(Chain(size=32), [missed])
    assert "cannot be set beside" in said
