"""Cores of a node, held by who has them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from derm_ray.cores import cores_held


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 3, 4, 5})


def test_no_two_have_the_same_core_until_there_are_no_more(four_cores, tmp_path):
    with cores_held(2, tmp_path) as (first, _), cores_held(1, tmp_path) as (second, _):
        assert (first, second) == ([2, 3], [4])
        # Ray was told of more than there are: the last shares what another has.
        with cores_held(2, tmp_path) as (third, _):
            assert third == [5, 2]
    with cores_held(4, tmp_path) as (all_of_them, _):
        assert all_of_them == [2, 3, 4, 5]


def test_what_inherits_the_files_holds_the_cores_whatever_becomes_of_who_began_it(four_cores, tmp_path):
    with cores_held(1, tmp_path) as (_, files):
        orphan = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=files)
    with cores_held(1, tmp_path) as (found, _):
        assert found == [3]
    orphan.communicate()
    with cores_held(1, tmp_path) as (found, _):
        assert found == [2]


def test_where_the_system_cannot_say_which_there_are_no_numbers(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "sched_getaffinity")
    with cores_held(2, tmp_path) as held:
        assert held == ([], [])
