"""The paper's chain is held against what is aimed at."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from benchmarks import chain
from benchmarks.chain import Chain, ChainRun
from benchmarks.processes import Outcome
from benchmarks.timeline import Timeline
from benchmarks.training import Training


def chain_run(rates: list[float], building: float, compiling: float, run: Path) -> ChainRun:
    run.mkdir()
    seconds = {"building": building, "compiling": compiling, "stepping": 50.0}
    (run / "run.json").write_text(json.dumps({"seconds": seconds}))
    with (run / "history.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["stage_name", "phase_name", "images_per_second", "device_memory_bytes"])
        for position, rate in enumerate(rates):
            rows.writerow(["dermai", "head" if position < len(rates) / 2 else "head+a", rate, (1 + position) << 20])
    return ChainRun("stage", "warm", 0, Training(Outcome(0.0, 100.0, 1), Timeline(), run))


def test_the_papers_chain_is_held_against_what_is_aimed_at(tmp_path):
    reached = chain_run([3000.0, 3100.0, 3200.0, 1500.0, 1700.0, 1650.0], 4.0, 6.0, tmp_path / "a")
    assert reached.rates == {("dermai", "head"): 3100.0, ("dermai", "head+a"): 1650.0}
    assert (reached.lost_percent, reached.other_seconds, reached.device_bytes) == (10.0, 40.0, 6 << 20)
    missed = chain_run([3000.0, 1500.0], 5.0, 6.0, tmp_path / "b")
    words = [verdict.partition(":")[0] for verdict in chain._verdicts(Chain(), [reached, missed])]
    assert words == ["Reached", "Reached", "MISSED", "MISSED"]
    (verdict,) = chain._verdicts(Chain(size=32), [missed])
    assert "cannot be set beside" in verdict
