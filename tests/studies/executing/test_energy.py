"""Energy is what the machine's counters tell: of processors by the share of their work, of GPUs all of it."""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from derm_cli.studies.executing import energy
from derm_cli.studies.executing.energy import (
    EnergyMeter,
    PowercapCounter,
    busy_seconds,
    gpu_counters,
    own_seconds,
    processor_counters,
)

SPAN = 262_143_328_850


def zone(folder: Path, place: str, name: str, microjoules: int, span: int = SPAN) -> Path:
    made = folder / place
    made.mkdir(parents=True)
    for file, value in (("name", name), ("energy_uj", microjoules), ("max_energy_range_uj", span)):
        (made / file).write_text(f"{value}\n")
    return made


@pytest.fixture
def powercap(tmp_path) -> Path:
    """Two processors with their parts, a machine's whole, and the same processor by another driver."""
    folder = tmp_path / "powercap"
    for place, name in (
        ("intel-rapl:0", "package-0"),
        ("intel-rapl:0:0", "core"),
        ("intel-rapl:0:1", "dram"),
        ("intel-rapl:1", "package-1"),
        ("intel-rapl:2", "psys"),
        ("intel-rapl-mmio:0", "package-0"),
    ):
        zone(folder, place, name, 1_000_000)
    return folder


def test_processors_and_memory_are_counted_once_each(powercap):
    assert [each.name for each in processor_counters(powercap)] == ["package-0", "dram", "package-1"]


@pytest.mark.parametrize(
    ("before", "after", "joules"),
    [
        (1_000_000, 3_500_000, 2.5),
        (5, 5, 0.0),
        # It begins anew once it has come to its span.
        (SPAN - 1_000_000, 2_000_000, 3.0),
    ],
)
def test_a_counter_tells_what_was_taken_since(tmp_path, before, after, joules):
    made = zone(tmp_path, "intel-rapl:0", "package-0", before)
    counter = PowercapCounter(made)
    (made / "energy_uj").write_text(str(after))
    assert counter.taken() == pytest.approx(joules)
    assert counter.taken() == 0


@pytest.mark.parametrize("content", [None, "", "many"])
def test_where_one_counter_cannot_be_read_none_is(powercap, content):
    file = powercap / "intel-rapl:0:1" / "energy_uj"
    file.unlink() if content is None else file.write_text(content)
    assert processor_counters(powercap) == []


def test_where_there_is_no_powercap_nothing_is_told(tmp_path):
    assert processor_counters(tmp_path / "nowhere") == []
    with EnergyMeter([]) as meter:
        assert (meter.taken(), meter.devices) == (None, ())


@pytest.mark.parametrize(
    ("busy", "own", "share"),
    [
        ((10.0, 20.0), (1.0, 3.5), 0.25),
        # More than all cores, by the clocks' grain.
        ((10.0, 20.0), (0.0, 11.0), 1.0),
        ((10.0, 10.0), (0.0, 0.0), 0.0),
        ((None, None), (0.0, 1.0), 1.0),
    ],
)
def test_of_a_processor_it_has_the_share_of_the_work_and_of_a_gpu_all(busy, own, share):
    counters = [
        SimpleNamespace(name="package-0", is_shared=True, taken=lambda: 100.0),
        SimpleNamespace(name="a GPU", is_shared=False, taken=lambda: 7.0),
    ]
    told_busy, told_own = iter(busy), iter(own)
    with EnergyMeter(counters, lambda: next(told_busy), lambda: next(told_own)) as meter:
        assert meter.devices == ("package-0", "a GPU")
        assert meter.taken() == pytest.approx(100 * share + 7)


def test_it_looks_by_itself_so_that_no_round_of_a_counter_is_missed(tmp_path, monkeypatch):
    monkeypatch.setattr(energy, "PERIOD", 0.001)
    looks = count()
    told = SimpleNamespace(name="package-0", is_shared=False, taken=lambda: float(next(looks) >= 0))
    with EnergyMeter([told]) as meter:
        while next(looks) < 20:
            pass
        assert meter.taken() >= 1


def test_a_counter_that_goes_is_missed_and_the_others_are_not(tmp_path):
    gone = PowercapCounter(zone(tmp_path, "intel-rapl:0", "package-0", 0))
    (gone.zone / "energy_uj").unlink()
    other = SimpleNamespace(name="a GPU", is_shared=False, taken=lambda: 7.0)
    with EnergyMeter([gone, other]) as meter:
        assert meter.taken() == 7


def test_the_work_of_all_cores_is_read_as_linux_has_it(tmp_path):
    tick = os.sysconf("SC_CLK_TCK")
    (tmp_path / "stat").write_text(f"cpu  {tick} {2 * tick} {3 * tick} 99999 88888 {tick} {tick} 0 0 0\ncpu0 1 2\n")
    assert busy_seconds(tmp_path / "stat") == 8
    (tmp_path / "stat").write_text("cpu nothing\n")
    assert busy_seconds(tmp_path / "stat") is None
    assert busy_seconds(tmp_path / "none") is None
    assert own_seconds() > 0


class MadeNvml:
    """NVIDIA's library of a machine with two GPUs."""

    class NVMLError(Exception):
        pass

    def __init__(self, is_old: bool = False, has_driver: bool = True) -> None:
        self.millijoules, self.is_old, self.has_driver = 5000, is_old, has_driver

    def nvmlInit(self) -> None:  # noqa: N802 - as the library has it
        if not self.has_driver:
            raise self.NVMLError("no driver")

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:  # noqa: N802
        if index > 1:
            raise self.NVMLError("no such GPU")
        return f"H{index}"

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes) -> str:  # noqa: N802
        return uuid.decode()

    def nvmlDeviceGetName(self, handle: str) -> bytes | str:  # noqa: N802
        return f"NVIDIA {handle}".encode() if handle == "H0" else f"NVIDIA {handle}"

    def nvmlDeviceGetTotalEnergyConsumption(self, _: str) -> int:  # noqa: N802
        if self.is_old:
            raise self.NVMLError("not supported")
        return self.millijoules


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, ["NVIDIA H0", "NVIDIA H1"]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, ["NVIDIA H1"]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-7"}, ["NVIDIA GPU-7"]),
        ({"CUDA_VISIBLE_DEVICES": ""}, []),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, []),
        ({"CUDA_VISIBLE_DEVICES": "5"}, []),
    ],
)
def test_the_gpus_that_the_process_may_use_are_counted(monkeypatch, variables, names):
    library = MadeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", library)
    counters = gpu_counters(variables)
    assert [each.name for each in counters] == names
    library.millijoules += 2500
    assert [each.taken() for each in counters] == [2.5] * len(names)
    # A driver that was loaded anew begins at 0.
    library.millijoules = 0
    assert [each.taken() for each in counters] == [0.0] * len(names)


@pytest.mark.parametrize("library", [None, MadeNvml(is_old=True), MadeNvml(has_driver=False)])
def test_a_machine_whose_gpus_do_not_tell_has_no_counter_of_them(monkeypatch, library):
    monkeypatch.setitem(sys.modules, "pynvml", library)
    assert gpu_counters({}) == []
