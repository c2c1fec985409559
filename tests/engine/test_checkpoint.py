import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from derm_cli import arrays
from derm_cli.engine.checkpoint import PAUSE, Checkpoint, Checkpoints
from derm_cli.engine.position import Position
from derm_cli.errors import DermError
from tests.support.full_disk import fill_disk

NEWEST, PREVIOUS = "checkpoint.bin", "checkpoint.previous.bin"


def variables(*values, dtype="float32"):
    return [keras.Variable(np.asarray(value), dtype=dtype) for value in values]


@pytest.fixture
def checkpoints(tmp_path):
    """Checkpoints in which two were saved: of one epoch with the value 1, and of two with the value 2."""
    made = Checkpoints(tmp_path)
    for number in (1, 2):
        made.save(Position(0, 0, number), variables([number]), {})
    return made


def value(stored):
    fresh = variables([0])
    stored.restore(fresh)
    return fresh[0].numpy().tolist()


def test_position_notes_and_bits_come_back(tmp_path):
    checkpoints, position = Checkpoints(tmp_path), Position(1, 2, 3, 4)
    saved = [
        *variables([0.1, float("nan")], [[-0.0]], 0.3),
        *variables([1 / 3], dtype="bfloat16"),
        *variables([2**32 - 1], dtype="uint32"),
        keras.random.SeedGenerator(5).state,
    ]
    checkpoints.save(position, saved, {"loss": [0.5, 0.25]})
    stored = Checkpoints(tmp_path).latest()
    fresh = [keras.Variable(keras.ops.zeros_like(each), dtype=each.dtype) for each in saved]
    stored.restore(fresh)
    assert (stored.position, stored.notes, stored.path) == (position, {"loss": [0.5, 0.25]}, tmp_path / NEWEST)
    for found, wanted in zip(fresh, saved, strict=True):
        assert np.asarray(found.numpy()).tobytes() == np.asarray(wanted.numpy()).tobytes()


def test_arrays_are_as_good_as_variables(tmp_path):
    Checkpoints(tmp_path).save(Position(0, 0, 1), [np.float32([7])], {})
    assert value(Checkpoints(tmp_path).latest()) == [7]


def test_positions_are_in_the_order_of_training():
    assert Position(0, 1, 0) == Position(0, 1, 0, 0)
    assert Position(0, 1, 9, 9) < Position(0, 2, 0) < Position(0, 2, 0, 1) < Position(1, 0, 0)


def test_two_generations_are_kept(checkpoints, tmp_path, capsys):
    checkpoints.save(Position(0, 0, 3), variables([3]), {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [NEWEST, PREVIOUS]
    assert value(checkpoints.latest()) == [3]
    assert value(Checkpoint(tmp_path / PREVIOUS)) == [2]
    assert capsys.readouterr().err == ""


def test_none_is_none_and_clearing_leaves_nothing(checkpoints, tmp_path):
    (tmp_path / ".checkpoint.1.part.bin").write_text("half")
    (tmp_path / "history.csv").write_text("mine")
    checkpoints.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]
    assert checkpoints.latest() is None


@pytest.mark.parametrize(("shape", "dtype"), [([1.0, 2.0], "float32"), ([1.0], "bfloat16")])
def test_variables_that_do_not_fit_are_refused(checkpoints, shape, dtype):
    fresh = variables(shape, dtype=dtype)
    with pytest.raises(DermError, match="another network"):
        checkpoints.latest().restore(fresh)
    with pytest.raises(DermError, match="another network"):
        checkpoints.latest().restore([])


# Damage.


def truncate(raw):
    return raw[:-5]


def flip(raw):
    return raw[:150] + bytes([raw[150] ^ 1]) + raw[151:]


def empty(raw):
    return b""


def of_another_kind(raw):
    return b"derm checkpoint 1\n" + raw


@pytest.fixture(params=[truncate, flip, empty, of_another_kind])
def damage(request):
    def apply(path):
        path.write_bytes(request.param(path.read_bytes()))

    return apply


def test_a_damaged_one_is_named_and_the_one_before_it_used(checkpoints, tmp_path, damage, capsys):
    damage(tmp_path / NEWEST)
    assert value(checkpoints.latest()) == [1]
    newest, previous = tmp_path / NEWEST, tmp_path / PREVIOUS
    assert capsys.readouterr().err == (
        f"Warning: The checkpoint '{newest}' is damaged: the one before it, '{previous}', is used.\n"
    )


def test_a_damaged_one_does_not_take_the_place_of_the_whole_one(checkpoints, tmp_path, damage, monkeypatch):
    damage(tmp_path / NEWEST)
    assert value(checkpoints.latest()) == [1]
    fail_at(monkeypatch, 3)
    with pytest.raises(Stopped):
        checkpoints.save(Position(0, 0, 3), variables([3]), {})
    monkeypatch.undo()
    assert value(checkpoints.latest()) == [1]


def test_damage_of_the_one_before_the_last_does_no_harm(checkpoints, tmp_path, damage, capsys):
    damage(tmp_path / PREVIOUS)
    assert value(checkpoints.latest()) == [2]
    assert capsys.readouterr().err == ""


def test_where_all_are_damaged_they_are_named(checkpoints, tmp_path, damage):
    damage(tmp_path / NEWEST)
    damage(tmp_path / PREVIOUS)
    with pytest.raises(DermError, match="train again from the start") as caught:
        checkpoints.latest()
    for name in (NEWEST, PREVIOUS):
        assert f"'{tmp_path / name}'" in str(caught.value)
    (tmp_path / PREVIOUS).unlink()
    with pytest.raises(DermError, match="train again from the start"):
        checkpoints.latest()


def test_arrays_that_are_no_checkpoint_are_damage(checkpoints, tmp_path, capsys):
    arrays.write_arrays(tmp_path / NEWEST, {"position": {"stage": 0}}, [])
    assert value(checkpoints.latest()) == [1]
    assert "is damaged" in capsys.readouterr().err


# What stops in the middle.


class Stopped(BaseException):
    """The process ends here."""


def fail_at(monkeypatch, call):
    """Let the n-th renaming from now on end the process; return the list of what was renamed."""
    replace, done = os.replace, []

    def stop(source, target, **_):
        done.append((source, target))
        if len(done) == call:
            raise Stopped
        return replace(source, target)

    def replaced(self, target):
        stop(self, target)
        return type(self)(target)

    monkeypatch.setattr(os, "replace", stop)
    monkeypatch.setattr(Path, "replace", replaced)
    return done


@pytest.mark.parametrize("leaving", [True, False], ids=["tidied", "as after a kill"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_stop_between_two_renamings_leaves_a_whole_one(checkpoints, tmp_path, monkeypatch, capsys, call, leaving):
    if not leaving:
        # What is killed does not tidy up.
        unlink = Path.unlink
        monkeypatch.setattr(
            Path, "unlink", lambda path, missing_ok=False: None if ".part" in path.name else unlink(path, missing_ok)
        )
    renamed = fail_at(monkeypatch, call)
    with pytest.raises(Stopped):
        checkpoints.save(Position(0, 0, 3), variables([3]), {})
    assert len(renamed) == call
    monkeypatch.undo()
    after = Checkpoints(tmp_path)
    assert value(after.latest()) == [2]
    assert capsys.readouterr().err == ""
    for number in (3, 4):
        after.save(Position(0, 0, number), variables([number]), {})
    assert value(after.latest()) == [4]
    assert value(Checkpoint(tmp_path / PREVIOUS)) == [3]
    assert sorted(path.name for path in tmp_path.iterdir()) == [NEWEST, PREVIOUS]


def test_there_are_three_renamings(checkpoints, monkeypatch):
    renamed = fail_at(monkeypatch, 0)
    checkpoints.save(Position(0, 0, 3), variables([3]), {})
    assert [Path(target).name for _, target in renamed][1:] == [PREVIOUS, NEWEST]
    assert len(renamed) == 3


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_full_disk_leaves_both(checkpoints, tmp_path, monkeypatch, after):
    fill_disk(monkeypatch, after)
    with pytest.raises(OSError, match="No space left") as caught:
        checkpoints.save(Position(0, 0, 3), variables([3]), {})
    assert caught.value.errno == errno.ENOSPC
    assert sorted(path.name for path in tmp_path.iterdir()) == [NEWEST, PREVIOUS]
    assert value(checkpoints.latest()) == [2]
    assert value(Checkpoint(tmp_path / PREVIOUS)) == [1]


SAVING = """
import sys
from pathlib import Path
import numpy as np
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
checkpoints, number = Checkpoints(Path(sys.argv[1])), 0
while True:
    number += 1
    checkpoints.save(Position(0, 0, number), [np.full(200_000, number, np.float32)] * 3, {})
    print(number, flush=True)
"""


def test_a_kill_at_any_instant_leaves_the_last_or_the_one_after(tmp_path):
    for attempt in range(8):
        folder = tmp_path / str(attempt)
        with subprocess.Popen([sys.executable, "-c", SAVING, folder], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "1\n"
            time.sleep(0.013 * attempt)
            process.send_signal(signal.SIGKILL)
            said = [1, *map(int, process.stdout.read().split())]
        stored = Checkpoints(folder).latest()
        assert stored.position.epoch in (said[-1], said[-1] + 1)
        fresh = variables(*[np.zeros(200_000)] * 3)
        stored.restore(fresh)
        assert {float(part) for each in fresh for part in np.unique(each.numpy())} == {float(stored.position.epoch)}


# When.


class Clock:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_checkpoint_is_due_when_it_costs_a_twentieth(tmp_path, monkeypatch):
    clock = Clock()
    checkpoints = Checkpoints(tmp_path, clock)
    assert checkpoints.due

    class Slow(np.ndarray):
        def numpy(self):
            clock.now += 3
            return np.asarray(self)

    checkpoints.save(Position(0, 0, 1), [np.zeros(1).view(Slow)], {})
    ended = clock.now
    assert not checkpoints.due
    clock.now = ended + PAUSE * 3 - 0.1
    assert not checkpoints.due
    clock.now = ended + PAUSE * 3
    assert checkpoints.due
    assert PAUSE == 20


def test_a_save_that_failed_is_due_again(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path, Clock())
    fail_at(monkeypatch, 1)
    with pytest.raises(Stopped):
        checkpoints.save(Position(0, 0, 1), variables([1]), {})
    assert checkpoints.due
