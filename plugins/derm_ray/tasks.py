"""What is carried out on a node of the cluster: Ray calls these functions there, in a process of their own."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from derm_cli.plugin import StudyProcess
from derm_executors.processes import begun_process, close_input, fault_of, stop_processes
from derm_ray.cores import cores_held
from derm_ray.data_listing import DataListing, difference

PATIENCE = 120.0
"""Seconds that a process has to stop: to end its step and write a checkpoint.  Then it is killed."""
ATTEMPTS = 4
"""How often a process is begun in all, where what carries it out is lost."""
POLL = 0.2
SUFFIX = ".attempts"


def attempts_file(log: Path) -> Path:
    """Return the file beside a process's log that has a line for each attempt: the node on which it was begun."""
    return log.with_suffix(SUFFIX)


def attempts_of(log: Path) -> list[str]:
    """Return the nodes on which a process was begun, one after another."""
    path = attempts_file(log)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def carry_out(process: StudyProcess, cores: int, node: str) -> str:
    """Run a process on ``cores`` of this machine, and return its fault, '' where it ended well.

    Ray calls it again where the worker that called it was lost, or its node, and without end where it was ended since
    memory ran out: from the fifth time on, it only says so.  Where Ray cancels it, the process is told to stop.
    """
    begun_on = attempts_of(process.log)
    if len(begun_on) >= ATTEMPTS:
        return (
            f"Ray lost it {ATTEMPTS} times, on {', '.join(dict.fromkeys(begun_on))}, as it does where a node's memory "
            "runs out"
        )
    process.log.parent.mkdir(parents=True, exist_ok=True)
    with attempts_file(process.log).open("a", encoding="utf-8") as file:
        file.write(f"{node}\n")
    variables = {**os.environ, **process.environment}
    if "OMP_NUM_THREADS" not in process.environment:
        # Ray sets it, by which sums could be divided otherwise than by the executor 'local'.
        variables.pop("OMP_NUM_THREADS", None)
    with cores_held(cores) as (numbers, files):
        try:
            begun = begun_process(process, variables, numbers, files)
        except OSError as error:
            return f"it could not be begun on {node} ({error}): derm must be installed there in the same place"
        try:
            # In short waits, between which Ray can say that it was cancelled.
            while True:
                try:
                    begun.wait(POLL)
                    break
                except subprocess.TimeoutExpired:
                    continue
        except KeyboardInterrupt:
            stop_processes([begun], PATIENCE)
        close_input(begun)
    fault = fault_of(begun.returncode)
    return f"{fault}, on {node}" if fault else ""


@dataclass(frozen=True)
class Seen:
    """How a node sees what a study needs.

    What its markers say, '' for one that is not there; in what folders of data differ, '' where they do not; hashes of
    files, '' for one that is not there; and whether the Python is there that trains.
    """

    markers: list[str]
    data: list[str]
    hashes: list[str]
    has_program: bool


def seen_here(
    markers: Sequence[str], data: Sequence[tuple[str, DataListing | None]], files: Sequence[str], program: str
) -> Seen:
    """Return how this node sees markers, folders of data, files and a program, all by their paths.

    Beside each folder of data stands what is in it where the study was begun.
    """
    return Seen(
        [_content(Path(path)).decode("ascii", "replace") for path in markers],
        [difference(Path(path), listing) for path, listing in data],
        [hash_of(Path(path)) for path in files],
        Path(program).exists(),
    )


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, '' where there is none."""
    content = _content(path)
    return hashlib.sha256(content).hexdigest() if content else ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
