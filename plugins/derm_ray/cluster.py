"""Ray as derm uses it: connected to quietly, on this machine alone or a cluster, and what its nodes have."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from derm_cli.plugin import DermError, RequestError, scratch_folder

OWN = "local"
"""The address of a cluster that is made for the study, of this machine alone."""
LOOPBACK = "127.0.0.1"
STORE_BYTES = 80_000_000
"""Memory for objects, of which derm passes none: the least that Ray takes."""
LONGEST_PARENT = 20
"""Characters of a folder in whose folders Ray can make its sockets, whose whole names have at most 107."""
DEFAULTS = {"RAY_USAGE_STATS_ENABLED": "0"}
"""What Ray is told where nobody says otherwise: it tells its makers nothing of how it is used."""


@dataclass(frozen=True)
class Node:
    """A node of the cluster: Ray's id, a name for people, and how many CPUs and GPUs Ray has of it."""

    id: str
    name: str
    cpus: float
    gpus: float


def ray_module(address: str) -> Any:
    """Import Ray, for the cluster at ``address``.  Raises DermError with what to install where it is not there."""
    # Whatever the first is called, Ray then takes this machine's loopback alone, and it asks once, when it is imported.
    own = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"} if address == OWN else {}
    for name, value in {**DEFAULTS, **own}.items():
        os.environ.setdefault(name, value)
    try:
        ray = import_module("ray")
    except ImportError as error:
        raise DermError(
            f"The executor 'ray' needs Ray, which cannot be imported ({error}): run pip install 'derm-cli[ray]', or "
            "take --executor local."
        ) from error
    # It sets its own level when it is imported, by which it tells of itself.
    logging.getLogger("ray").setLevel(logging.ERROR)
    # What a node tells of a worker that it lost would go to standard output, in the midst of JSON, and has no switch.
    worker: Any = import_module("ray._private.worker")
    worker.print_to_stdstream = _dropped
    return ray


def _dropped(*_: Any, **__: Any) -> None: ...


@contextmanager
def connected(address: str, cores: int, gpus: int | None = None) -> Iterator[Any]:
    """Give Ray, connected to the cluster at ``address`` in a ``with`` block; where it is so already, it stays so.

    :data:`OWN` is a cluster of this machine with ``cores`` that nobody else can reach, gone afterwards.  Raises
    RequestError where no cluster answers.
    """
    ray = ray_module(address)
    if ray.is_initialized():
        yield ray
        return
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False, "configure_logging": False}
    with ExitStack() as stack:
        if address == OWN:
            options |= {"num_cpus": cores, "include_dashboard": False, "object_store_memory": STORE_BYTES}
            options |= {} if gpus is None else {"num_gpus": gpus}
            # Else Ray would write one into the user's home; who has none is not let in.
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            options |= {"_node_ip_address": LOOPBACK, "_temp_dir": str(stack.enter_context(_short_folder()))}
        try:
            with _own_signals():
                ray.init(address=address, **options)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RequestError(
                f"No Ray cluster can be had at '{address}' ({said}): look with 'ray status' whether one is there, and "
                "name it with --address, as in --address auto on one of its nodes."
            ) from error
        try:
            yield ray
        finally:
            with _own_signals():
                ray.shutdown()


def nodes_of(ray: Any) -> list[Node]:
    """Return the nodes that are alive, by name."""
    nodes = [
        Node(
            id=each["NodeID"],
            name=_name_of(each),
            cpus=each["Resources"].get("CPU", 0.0),
            gpus=each["Resources"].get("GPU", 0.0),
        )
        for each in ray.nodes()
        if each["Alive"]
    ]
    return sorted(nodes, key=lambda node: (node.name, node.id))


def _name_of(facts: dict[str, Any]) -> str:
    address, given = facts["NodeManagerAddress"], facts.get("NodeName", "")
    return given if given not in ("", address) else f"{facts['NodeManagerHostname']} ({address})"


def ask_nodes(
    ray: Any, nodes: Sequence[Node], function: Callable[..., Any], arguments: tuple[Any, ...], patience: float = 120.0
) -> list[Any]:
    """Return what ``function`` gives on each node, in a task that takes none of its CPUs.

    Raises RequestError, with the node's name, where one does not answer.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as OnNode

    task = ray.remote(num_cpus=0, max_calls=1, max_retries=1)(function)
    asked = [task.options(scheduling_strategy=OnNode(node.id, soft=False)).remote(*arguments) for node in nodes]
    answers = []
    for node, reference in zip(nodes, asked, strict=True):
        try:
            answers.append(ray.get(reference, timeout=patience))
        except ray.exceptions.RayError as error:
            said = str(error).strip().splitlines()[-1]
            raise RequestError(
                f"Node '{node.name}' of the Ray cluster cannot work for derm ({said}): install derm and Ray there as "
                "they are here, or remove the node."
            ) from error
    return answers


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what this process does at signals in a ``with`` block that connects: Ray would have it exit at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _short_folder() -> AbstractContextManager[Path]:
    """Give a new folder for Ray's files and sockets; it is removed even where this process is killed."""
    usual = Path(tempfile.gettempdir())
    is_short = len(str(usual)) <= LONGEST_PARENT or not Path("/tmp").is_dir()  # noqa: S108
    return scratch_folder("derm-ray-", usual if is_short else Path("/tmp"))  # noqa: S108
