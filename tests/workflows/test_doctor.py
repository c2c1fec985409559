"""What a machine has, told without a training framework."""

from __future__ import annotations

import os
import subprocess

import pytest

from derm_cli.config import load
from derm_cli.workflows import doctor
from derm_cli.workflows.doctor import accelerators, check_environment, memory
from derm_cli.workflows.session import Session


def program(folder, body):
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "echo 'NVIDIA H100, 81559 MiB'; echo 'NVIDIA H100, 81559 MiB'",
            "NVIDIA H100, 81559 MiB; NVIDIA H100, 81559 MiB",
        ),
        ("exit 9", "none found: training runs on the CPU"),
        ("true", "none found: training runs on the CPU"),
        (None, "none found: training runs on the CPU"),
    ],
)
def test_accelerators_are_those_that_the_driver_names(tmp_path, monkeypatch, body, told):
    monkeypatch.setattr(doctor.platform, "system", lambda: "Linux")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin" if body else str(tmp_path))
    if body:
        program(tmp_path, body)
    assert accelerators() == told


def test_a_driver_that_hangs_ends_no_command(monkeypatch):
    def hang(*_, **options):
        raise subprocess.TimeoutExpired("nvidia-smi", options["timeout"])

    monkeypatch.setattr(doctor.shutil, "which", lambda _: "nvidia-smi")
    monkeypatch.setattr(doctor.subprocess, "run", hang)
    assert "none found" in accelerators()


@pytest.mark.parametrize(
    ("limit", "told"), [("max\n", "16.0 GB"), ("4000000000\n", "4.0 GB of 16.0 GB"), (None, "16.0 GB")]
)
def test_memory_is_what_this_process_may_take(tmp_path, monkeypatch, limit, told):
    monkeypatch.setattr(doctor.os, "sysconf", {"SC_PAGE_SIZE": 1000, "SC_PHYS_PAGES": 16_000_000}.__getitem__)
    monkeypatch.setattr(doctor, "CONTAINER_LIMIT", tmp_path / "memory.max")
    if limit:
        (tmp_path / "memory.max").write_text(limit)
    assert memory() == told


def test_datasets_and_weights_that_are_here_are_named(tmp_path, monkeypatch):
    (tmp_path / "data" / "ham10000").mkdir(parents=True)
    models = tmp_path / "keras" / "models"
    models.mkdir(parents=True)
    (models / "efficientnetb3_notop.h5").write_bytes(b"")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    checks = check_environment(Session(load({"data": str(tmp_path / "data")}, {})))
    told = {each.name: each.value for each in checks}
    assert told["datasets"] == "ham10000 (and synthetic ones, which are drawn)"
    here, _, later = told["weights"].partition(": here; ")
    assert {"effnet-b3 from imagenet", "effnet-lite0 from imagenet"} <= set(here.split(", "))
    names, _, words = later.rpartition(": ")
    assert {"resnet50 from imagenet", "mobilenet-v2 from imagenet"} <= set(names.split(", "))
    assert words == "not here yet"
