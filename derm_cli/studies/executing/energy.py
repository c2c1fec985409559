"""How much energy this process takes, where the machine tells: counters of its processors and of its GPUs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from derm_cli.errors import one_line

POWERCAP, STAT = Path("/sys/class/powercap"), Path("/proc/stat")
"""Where Linux has the counters of processors, and how busy all cores were."""
PERIOD = 30.0
"""Seconds between two looks: a processor's counter begins anew after some minutes, and two rounds look like one."""
_GPUS = "CUDA_VISIBLE_DEVICES"


class Counter(Protocol):
    """A counter of energy: whose it is, whether others on the machine share it, and the joules since it was asked."""

    name: str
    is_shared: bool

    def taken(self) -> float: ...


@dataclass
class PowercapCounter:
    """A processor, or its memory, by Linux's powercap: a number of microjoules that begins anew after ``span``.

    Raises OSError or ValueError where it cannot be read.  Source: the kernel's Documentation/power/powercap.
    """

    zone: Path
    name: str = ""
    is_shared: bool = True

    def __post_init__(self) -> None:
        self.name = self.name or (self.zone / "name").read_text(encoding="utf-8").strip()
        self.span = int((self.zone / "max_energy_range_uj").read_text(encoding="utf-8"))
        self._last = self._now()

    def taken(self) -> float:
        """Return the joules since it was asked before."""
        now = self._now()
        moved = now - self._last
        self._last = now
        return (moved if moved >= 0 else moved + self.span) / 1e6

    def _now(self) -> int:
        return int((self.zone / "energy_uj").read_text(encoding="utf-8"))


@dataclass
class NvmlCounter:
    """A GPU, by NVIDIA's management library: millijoules since its driver was loaded."""

    library: Any
    handle: Any
    is_shared: bool = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        name = self.library.nvmlDeviceGetName(self.handle)
        self.name = one_line(name.decode() if isinstance(name, bytes) else str(name))
        self._last = self._now()

    def taken(self) -> float:
        """Return the joules since it was asked before."""
        now = self._now()
        moved, self._last = now - self._last, now
        # A driver that was loaded anew begins at 0.
        return max(moved, 0) / 1e3

    def _now(self) -> int:
        return int(self.library.nvmlDeviceGetTotalEnergyConsumption(self.handle))


def processor_counters(powercap: Path = POWERCAP) -> list[Counter]:
    """Return a counter for each processor, and for memory that is counted apart; none where they cannot be read.

    A zone ``core`` or ``uncore`` is part of its processor, and ``psys`` has all of the machine: neither is counted.
    """
    found: list[Counter] = []
    try:
        for zone in sorted(powercap.glob("intel-rapl:*")):
            name = (zone / "name").read_text(encoding="utf-8").strip()
            if name.startswith("package") or name == "dram":
                found.append(PowercapCounter(zone, name))
    except (OSError, ValueError):
        # Most systems let only their administrator read them: half of the counters would be no figure.
        return []
    return found


def gpu_counters(environment: Mapping[str, str] = os.environ) -> list[Counter]:
    """Return a counter for each GPU that this process may use; none without the package nvidia-ml-py."""
    try:
        import pynvml  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return []
    try:
        pynvml.nvmlInit()
        return [NvmlCounter(pynvml, handle) for handle in _handles(pynvml, environment.get(_GPUS))]
    except (pynvml.NVMLError, ValueError, OSError):
        return []


def _handles(library: Any, visible: str | None) -> list[Any]:
    if visible is None:
        return [library.nvmlDeviceGetHandleByIndex(index) for index in range(library.nvmlDeviceGetCount())]
    words = [word.strip() for word in visible.split(",")]
    return [
        library.nvmlDeviceGetHandleByIndex(int(word))
        if word.isdecimal()
        else library.nvmlDeviceGetHandleByUUID(word.encode())
        for word in words
        if word and word != "-1"
    ]


def busy_seconds(stat: Path = STAT) -> float | None:
    """Return the seconds that all cores together have been at work since the machine was started; None if unknown."""
    try:
        fields = stat.read_text(encoding="ascii").split("\n", 1)[0].split()
        user, nice, system, _, _, interrupts, soft, *_ = map(int, fields[1:])
        return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None


def own_seconds() -> float:
    """Return the seconds that cores were at work for this process, and for those that it began and that have ended."""
    took = os.times()
    return took.user + took.system + took.children_user + took.children_system


class EnergyMeter(AbstractContextManager["EnergyMeter"]):
    """Sums in a ``with`` block the joules that this process takes.

    A GPU's are its own.  A processor's are shared with whatever else runs on the machine, so this process has the share
    of them that it has of the time for which cores were at work.
    """

    def __init__(
        self,
        counters: Sequence[Counter],
        busy: Callable[[], float | None] = busy_seconds,
        own: Callable[[], float] = own_seconds,
    ) -> None:
        self._counters, self._busy, self._own = counters, busy, own
        self._before = (busy(), own())
        self._joules, self._lock, self._ended = 0.0, threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @classmethod
    def here(cls) -> EnergyMeter:
        """Return a meter of what this machine tells."""
        return cls([*processor_counters(), *gpu_counters()])

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that are counted; none where the machine does not tell."""
        return tuple(each.name for each in self._counters)

    def taken(self) -> float | None:
        """Return the joules since it was asked before; None where the machine does not tell."""
        if not self._counters:
            return None
        self._add()
        with self._lock:
            joules, self._joules = self._joules, 0.0
        return joules

    def __enter__(self) -> EnergyMeter:
        if self._counters:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(PERIOD):
            self._add()

    def _add(self) -> None:
        with self._lock:
            share = self._share()
            for each in self._counters:
                try:
                    self._joules += each.taken() * (share if each.is_shared else 1.0)
                except (OSError, ValueError):
                    # A counter that has gone is missed from then on.
                    continue

    def _share(self) -> float:
        """Return the share of the machine's work that was this process's, since it was asked before."""
        busy, own = self._busy(), self._own()
        (busy_before, own_before), self._before = self._before, (busy, own)
        if busy is None or busy_before is None:
            return 1.0
        worked = busy - busy_before
        return min(max((own - own_before) / worked, 0.0), 1.0) if worked > 0 else 0.0
