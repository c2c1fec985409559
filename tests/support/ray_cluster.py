"""A Ray cluster of several nodes on this machine, in a process of its own: Ray leaves much open in the one it is in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NODES = ("one", "two", "three")
"""The first is the head, to which programs connect.  Each has a CPU."""
VARIABLES = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
PROGRAM = """
import os
import sys
from ray.cluster_utils import Cluster

names = sys.argv[1].split(",")
quiet = {"include_dashboard": False, "node_ip_address": "127.0.0.1", "num_cpus": 1}
# A node that is lost is noticed in seconds.
found = {"health_check_period_ms": 500, "health_check_failure_threshold": 3, "health_check_initial_delay_ms": 0}
cluster = Cluster(initialize_head=True, head_node_args={**quiet, "node_name": names[0], "_system_config": found})
# Processes of the last one stand elsewhere, where nothing is of what those of the others see in their folder.
nodes = {}
for name in names[1:]:
    os.chdir("/" if name == names[-1] else sys.argv[2])
    nodes[name] = cluster.add_node(node_name=name, wait=False, **quiet)
cluster.wait_for_nodes()
print(cluster.address, flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes.pop(line.strip()), allow_graceful=False)
    print("removed", flush=True)
cluster.shutdown()
"""


@dataclass
class RayCluster:
    """A cluster that runs: its address, and the folder of its files, which all of its processes name.

    The working folder of all but the last node's processes is its folder ``seen``.
    """

    address: str
    folder: Path
    process: subprocess.Popen[str]

    def remove(self, name: str) -> None:
        """Kill all processes of a node, as where its machine loses its power."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "removed\n"

    @property
    def seen(self) -> Path:
        """The working folder of the processes of all nodes but the last."""
        return self.folder / "seen"

    @property
    def variables(self) -> dict[str, str]:
        """The variables of its processes, and of those that connect to it: with a data folder that they share."""
        return {**VARIABLES, "XDG_DATA_HOME": str(self.folder / "home")}

    @property
    def processes(self) -> list[str]:
        """The commands of its processes that run."""
        return [command for _, command in _commands() if str(self.folder) in command]

    @property
    def addresses(self) -> set[str]:
        """The addresses of this machine, in hexadecimal, at which those that look after its nodes can be reached."""
        sockets = {link for process, command in _commands() if str(self.folder) in command for link in _links(process)}
        lines = [
            line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()
        ]
        return {each[1].partition(":")[0] for each in lines if each[3] == "0A" and f"socket:[{each[9]}]" in sockets}


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """Give a cluster of this machine's loopback alone, and end it after the ``with`` block, with its files."""
    # Sockets of Ray are in it, whose paths may have no more than 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="derm-test-ray-", dir="/tmp"))
    variables = {**os.environ, **VARIABLES, "RAY_TMPDIR": str(folder), "XDG_DATA_HOME": str(folder / "home")}
    (folder / "seen").mkdir()
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, ",".join(NODES), str(folder / "seen")],
            cwd=folder / "seen",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=variables,
            text=True,
        )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, (folder / "stderr").read_text()
        yield RayCluster(address, folder, process)
    finally:
        process.communicate(timeout=180)
        shutil.rmtree(folder, ignore_errors=True)


def _links(process: Path) -> Iterator[str]:
    for path in (process / "fd").iterdir():
        with suppress(OSError):
            yield str(path.readlink())


def _commands() -> Iterator[tuple[Path, str]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.parent, path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
