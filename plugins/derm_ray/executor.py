"""The executor ``ray``: a process of a study is a task of Ray, on whichever node has room for it."""

from __future__ import annotations

import functools
import math
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any

from derm_cli.plugin import Capacity, ComponentOption, ExecutorSpec, ProcessEnd, RequestError, StudyProcess
from derm_executors.machine import accelerators, usable_cores
from derm_ray.cluster import OWN, Node, ask_nodes, connected, nodes_of, ray_module
from derm_ray.seeing import require_seen
from derm_ray.tasks import ATTEMPTS, PATIENCE, attempts_file, attempts_of, carry_out

ADDRESS, CPUS, GPUS = "address", "cpus-per-stage", "gpus-per-stage"
CORES = 4
"""Cores of a process where nobody says how many, and a node has as many."""
POLL = 0.2


@dataclass(frozen=True)
class _Submitted:
    process: StudyProcess
    reference: Any


class RayExecutor:
    """Carries out processes as tasks of Ray.

    A task is told paths and a command, never weights.  Ray begins it anew on another node where its worker or its node
    is lost; the process then finds what the lost one left in the store.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._cores, self._running = capacity.cores, dict[str, _Submitted]()
        self._left: list[ProcessEnd] = []
        with ExitStack() as stack:
            self._ray = stack.enter_context(_cluster(capacity))
            nodes = nodes_of(self._ray)
            require_seen(nodes, capacity, functools.partial(ask_nodes, self._ray))
            gpus = float(capacity.options.get(GPUS, 0)) if any(node.gpus for node in nodes) else 0
            self._task = self._ray.remote(
                num_cpus=capacity.cores,
                num_gpus=gpus,
                max_retries=ATTEMPTS - 1,
                # A backend and its seeds are a process's, and so is the memory of a GPU.
                max_calls=1,
                scheduling_strategy="SPREAD",
            )(_on_its_node)
            self._connection = stack.pop_all()

    def begin(self, process: StudyProcess) -> None:
        """Hand a process to Ray, which begins it where there is room."""
        process.log.parent.mkdir(parents=True, exist_ok=True)
        attempts_file(process.log).unlink(missing_ok=True)
        plain = replace(process, environment=dict(process.environment))
        reference = self._task.options(name=f"derm {process.key}").remote(plain, self._cores)
        self._running[process.key] = _Submitted(plain, reference)

    def ended(self, patience: float) -> list[ProcessEnd]:
        """Return those that have ended, as soon as there are any, else none after ``patience`` seconds."""
        until = time.monotonic() + patience
        while True:
            ends, self._left = self._left + self._taken(), []
            if ends or time.monotonic() >= until:
                return ends
            # Not Ray's own waiting, which makes a plain KeyboardInterrupt of every signal.
            time.sleep(POLL)

    def stop(self) -> None:
        """Cancel what is not begun, have what runs stop, and leave the cluster."""
        for each in self._running.values():
            with suppress(Exception):
                self._ray.cancel(each.reference, force=False)
        until = time.monotonic() + PATIENCE + 30
        while self._running and time.monotonic() < until:
            self._left += self._taken()
            time.sleep(POLL)
        for each in self._running.values():
            with suppress(Exception):
                self._ray.cancel(each.reference, force=True)
        self._connection.close()

    def _taken(self) -> list[ProcessEnd]:
        """Take from what runs that which has ended."""
        if not self._running:
            return []
        references = {each.reference: key for key, each in self._running.items()}
        ready, _ = self._ray.wait(list(references), num_returns=len(references), timeout=0)
        return [self._end(references[reference]) for reference in ready]

    def _end(self, key: str) -> ProcessEnd:
        each = self._running.pop(key)
        try:
            fault = self._ray.get(each.reference)
        except self._ray.exceptions.TaskCancelledError:
            fault = "it was cancelled before it was begun"
        except self._ray.exceptions.RayError as error:
            nodes = ", ".join(dict.fromkeys(attempts_of(each.process.log)))
            said = str(error).strip().splitlines()
            fault = f"Ray gave it up ({type(error).__name__}: {said[0] if said else ''})" + (nodes and f", on {nodes}")
        return ProcessEnd(key=key, fault=fault)


def _on_its_node(process: StudyProcess, cores: int) -> str:
    import ray

    own = ray.get_runtime_context().get_node_id()
    names = [node.name for node in nodes_of(ray) if node.id == own]
    return carry_out(process, cores, names[0] if names else own)


def capacity(asked: Capacity) -> Capacity:
    """Return workers and cores as the cluster has them for what is asked.

    Raises RequestError where no node has as much as a process needs, where no cluster answers, or where two options
    contradict each other, and DermError where Ray is not installed.
    """
    cores = _cores_asked(asked)
    nodes = _nodes(asked)
    has_gpus = any(node.gpus for node in nodes)
    gpus = float(asked.options[GPUS]) if has_gpus or asked.options[GPUS] > 1 else 0.0
    largest = max((int(node.cpus) for node in nodes), default=0)
    cores = cores or max(1, min(CORES, largest))
    room = sum(_places(node, cores, gpus) for node in nodes)
    if not room:
        having = f"{gpus:g} GPUs and {cores} CPUs" if gpus else f"{cores} CPUs"
        raise RequestError(
            f"No node of the Ray cluster has {having}, as each process needs; the largest has {largest} CPUs: give "
            f"fewer, as in --{CPUS} {max(1, largest)}, or add a node."
        )
    return replace(asked, workers=asked.workers or room, cores=cores)


def _nodes(asked: Capacity) -> list[Node]:
    if asked.options[ADDRESS] == OWN:
        # A cluster of its own has what this machine has: to begin one only to be told so takes seconds.
        ray_module(OWN)
        return [Node(id="", name=OWN, cpus=len(usable_cores()), gpus=len(accelerators()))]
    with _cluster(asked) as ray:
        return nodes_of(ray)


def _cores_asked(asked: Capacity) -> int:
    cpus = int(asked.options[CPUS])
    if cpus and asked.cores and cpus != asked.cores:
        raise RequestError(
            f"--{CPUS} is '{cpus}', but each process of the study has '{asked.cores}' cores, which may change bits: "
            "leave one of them out, or begin a study under another name."
        )
    return asked.cores or cpus


def _places(node: Node, cores: int, gpus: float) -> int:
    places = int(node.cpus) // cores
    return min(places, math.floor(node.gpus / gpus)) if gpus else places


def _cluster(capacity: Capacity) -> Any:
    return connected(str(capacity.options.get(ADDRESS, OWN)), len(usable_cores()), len(accelerators()))


RAY = ExecutorSpec(
    name="ray",
    title="tasks of Ray, on this machine or on the nodes of a cluster",
    capacity=capacity,
    start=RayExecutor,
    options=(
        ComponentOption(
            name=ADDRESS,
            default=OWN,
            title="the cluster's address, auto on one of its nodes, or local for one of this machine alone",
        ),
        ComponentOption(
            name=CPUS, default=0, most=1024, title="cores of each process, as --cores says; 0 leaves it open"
        ),
        ComponentOption(
            name=GPUS,
            default=1.0,
            most=64.0,
            title="GPUs of each process where the cluster has any",
        ),
    ),
)
