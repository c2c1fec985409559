"""What fuzzing has found, each as small as it can be."""

from __future__ import annotations

import json
import os
import random
import struct
import time
import tracemalloc
import zlib

import pytest

from derm_cli.config import load
from derm_cli.data.locating import LocatedDataset
from derm_cli.data.preprocessing import UnreadablePhotograph, open_photograph
from derm_cli.data.records import MISSING, NOT_TEXT, OUTSIDE, read_usable_records
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.data.splitting.ledger_table import empty_ledger
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import read_predictions
from derm_cli.plan import Plan
from derm_cli.plugin import ArtefactFacts, DatasetSpec
from derm_cli.plugin.registry import Registry
from derm_cli.runs.folder import RunFolder
from derm_datasets.differential import parse_differential
from tests.fuzz import image_mutations
from tests.support import run_folders, trees

LATIN_1 = os.fsdecode(b"M\xe4rz.jpg")


@pytest.fixture(scope="module")
def specs():
    return Registry().all(DatasetSpec)


def records_of(specs, name, root):
    return read_usable_records(LocatedDataset(name, specs[name], root))


def reasons(records):
    return dict(zip(records.dropped["file"], records.dropped["reason"], strict=True))


# Tables and folders.


def test_a_pipe_where_a_table_should_be_is_not_waited_for(specs, tmp_path):
    root = trees.make_pad(tmp_path / "pad", per_class=2)
    (root / "metadata.csv").unlink()
    os.mkfifo(root / "metadata.csv")
    with pytest.raises(DermError, match=r"metadata\.csv' is no file"):
        records_of(specs, "pad-ufes-20", root)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.jpg",
        "photographs/../../secret.jpg",
        "..\\secret.jpg",
        "/etc/hostname",
        "C:\\secret.jpg",
        "//server/share/secret.jpg",
    ],
)
def test_no_table_leads_out_of_its_folder(specs, tmp_path, path):
    root = trees.make_csv(tmp_path / "data" / "csv", per_class=2)
    (tmp_path / "data" / "secret.jpg").write_bytes((root / "photographs" / "mole0.jpg").read_bytes())
    table = root / "photographs.csv"
    table.write_text(table.read_text().replace("photographs/mole0.jpg", path))
    records = records_of(specs, "csv", root)
    assert len(records.frame) == 5
    assert list(reasons(records).values()) == [OUTSIDE]


def test_a_link_in_the_folder_may_lead_out(specs, tmp_path):
    """Whoever made the folder made the link; whoever wrote the table may be somebody else."""
    root = trees.make_csv(tmp_path / "csv", per_class=2)
    (root / "photographs").rename(tmp_path / "elsewhere")
    (root / "photographs").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert len(records_of(specs, "csv", root).frame) == 6


def test_a_path_may_be_written_from_the_root_of_the_file_system(specs, tmp_path):
    root = trees.make_csv(tmp_path / "csv", per_class=2)
    table = root / "photographs.csv"
    table.write_text(table.read_text().replace("photographs/", f"{root.absolute().as_posix()}/photographs/"))
    records = records_of(specs, "csv", root)
    assert sorted(records.frame["file"])[0] == "photographs/mole0.jpg"
    assert len(records.frame) == 6


def test_a_mask_from_elsewhere_is_refused(specs, tmp_path):
    root = trees.make_csv(tmp_path / "csv", per_class=2)
    head, first, *rest = (root / "photographs.csv").read_text("utf-8-sig").splitlines()
    lines = [f"{head},mask", f"{first},../mask.png", *(f"{line},photographs/mole0.jpg" for line in rest)]
    (root / "photographs.csv").write_text("\n".join(lines))
    records = records_of(specs, "csv", root)
    assert records.refused.to_dict("records") == [
        {"case_id": records.frame["case_id"][0], "column": "mask", "value": "../mask.png"}
    ]
    assert records.frame["mask"].isna().tolist() == [True] + [False] * 5


def test_names_that_are_no_utf_8_are_dropped_and_can_be_written(specs, tmp_path):
    root = trees.make_folder(tmp_path / "folder", per_class=2)
    photograph = (root / "mole" / "1.jpg").read_bytes()
    (root / "mole" / LATIN_1).write_bytes(photograph)
    odd = root / LATIN_1.removesuffix(".jpg")
    odd.mkdir()
    (odd / "1.jpg").write_bytes(photograph)
    records = records_of(specs, "folder", root)
    assert len(records.frame) == 6
    assert reasons(records) == {"mole/M\\udce4rz.jpg": NOT_TEXT, "M\\udce4rz/1.jpg": NOT_TEXT}
    assert [each.name for each in records.classes] == ["mole", "other", "wart"]
    records.dropped.to_csv(tmp_path / "dropped.csv")


def test_names_of_any_length_and_with_zero_bytes_are_missing_files(specs, tmp_path):
    root = trees.make_csv(tmp_path / "csv", per_class=3)
    table = root / "photographs.csv"
    text = table.read_text().replace("photographs/mole0.jpg", "x" * 5000).replace("photographs/mole1.jpg", "a\0.jpg")
    table.write_text(text)
    assert list(reasons(records_of(specs, "csv", root)).values()) == [MISSING, MISSING]


def test_a_weight_may_be_larger_than_any_float():
    assert parse_differential("{'a': 0x" + "f" * 300 + "}") is None
    assert parse_differential("{'a': 1e308}") == {"a": 1e308}


# Photographs.


def test_the_frames_of_a_gif_are_not_counted(tmp_path):
    """Pillow takes as long for n_frames as for decoding: minutes for a file of some megabytes."""
    path = tmp_path / "long.gif"
    made = image_mutations.gif_of_many_frames(random.Random(0))
    path.write_bytes(made[:-1] + made[19:-1] * 50 + b";")
    assert len(path.read_bytes()) > 3_000_000
    begun = time.process_time()
    with pytest.raises(UnreadablePhotograph, match="animated"), open_photograph(path):
        pass
    assert time.process_time() - begun < 1


def test_a_length_in_a_file_reserves_no_memory(tmp_path):
    path = tmp_path / "lies.png"
    path.write_bytes(image_mutations.corpus()["PNG RGB"])
    data = path.read_bytes()
    place = data.index(b"IDAT")
    # All pixels are there, and Pillow reads on to the end of the chunk.
    path.write_bytes(data[: place - 4] + struct.pack(">I", 2**31 - 1) + data[place:-12])
    tracemalloc.start()
    try:
        with open_photograph(path) as image:
            assert image.size == image_mutations.SIZE
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()


def test_a_text_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.png"
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(bytes(2**20)) for _ in range(512)) + packed.flush()
    chunks = image_mutations._chunks(image_mutations.corpus()["PNG RGB"])
    path.write_bytes(image_mutations._png([*chunks[:1], (b"zTXt", b"key\0\0" + body), *chunks[1:]]))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadablePhotograph), open_photograph(path):
            pass
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()


# What derm reads again.


def test_what_is_quoted_is_short_and_commands_no_terminal():
    said = str(DermError(f"'\x1b[31m{'é' * 70_000}' is none of them: choose another."))
    assert len(said) < 3000
    assert said.startswith("'\\x1b[31mé")
    assert said.endswith("' is none of them: choose another.")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_json_of_any_depth_is_refused(tmp_path, text):
    run = RunFolder(tmp_path)
    (run / "run.json").write_text(text)
    with pytest.raises(DermError, match="cannot be read"):
        _ = run.record
    with pytest.raises(DermError, match="does not carry derm's facts"):
        ArtefactFacts.from_json(text, "model.onnx")


def test_settings_of_any_depth_and_type_are_refused(tmp_path):
    path = tmp_path / "derm.toml"
    for text, said in (
        ("a = " + "[" * 5000, "is not valid TOML"),
        ('[datasets.a]\npath = ["b"]', "'path' in [datasets.a] is ['b'], but must be text in quotes"),
        ("[datasets.a]\nreader = 1", "'reader' in [datasets.a] is 1, but must be text in quotes"),
        ('[datasets.a]\nleave_out = "b"', "'leave_out' in [datasets.a] is 'b', but must be a list of classes"),
        ('target = "a"\ntrain = 3', "there is no setting 'train'"),
    ):
        path.write_text(text)
        with pytest.raises(DermError) as refused:
            load({}, {"DERM_CONFIG": str(path)})
        assert said in str(refused.value) or "there is no setting 't" in str(refused.value)


@pytest.mark.parametrize("changed", [{"augmentation": [1]}, {"execution": 3}, {"preprocessing": []}, {"stages": [[]]}])
def test_a_plan_with_other_types_is_refused(changed):
    with pytest.raises(DermError, match="The plan is not one of derm's"):
        Plan.from_json({**run_folders.PLAN.to_json(), **changed})


@pytest.mark.parametrize("changed", [{"process": []}, {"files": []}, {"request": 1}, {"status": None}, {"format": []}])
def test_a_record_with_other_types_is_refused(tmp_path, changed):
    record = {"format": 1, "status": "running", "request": {}, "files": {}, **changed}
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(DermError, match="is not a run record"):
        _ = RunFolder(tmp_path).status


@pytest.mark.parametrize("pid", ["x", None, 2**80, [1]])
def test_a_run_of_no_process_is_interrupted(tmp_path, pid):
    import socket

    process = {"host": socket.gethostname(), "pid": pid}
    record = {"format": 1, "status": "running", "request": {}, "files": {}, "process": process}
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert RunFolder(tmp_path).status == "interrupted"


def test_a_ledger_with_a_row_of_many_cells_is_refused_at_once(tmp_path):
    """Pandas takes all but the last columns for an index, one by one: minutes."""
    ledgers = SplitLedgers(tmp_path)
    ledgers.folder.mkdir()
    ledgers.path("clinic").write_text("sha256,case_id,part\n" + "," * 150_000 + "\n")
    begun = time.process_time()
    with pytest.raises(DermError, match="is damaged"):
        ledgers.read("clinic", empty_ledger(), ("train", "test"))
    assert time.process_time() - begun < 2


def test_a_table_of_predictions_with_a_zero_byte_is_refused(tmp_path):
    """NumPy ends a text at it, so that a class was another."""
    path = tmp_path / "predictions.csv"
    path.write_text("case_id,label,prediction\na,NV\0,NV\nb,NV,NV\n")
    with pytest.raises(DermError, match="holds a zero byte"):
        read_predictions(path)


def test_a_pack_whose_header_is_no_python_is_made_anew(tmp_path, capsys):
    from derm_cli.data.packing.pack import pack
    from derm_cli.plan import Preprocessing

    files = sorted(trees.make_folder(tmp_path / "folder", per_class=1).rglob("[0-9].*"))
    pack(files, Preprocessing(size=16), tmp_path / "cache", "made")
    (array,) = (tmp_path / "cache").rglob("*.npy")
    # An open bracket: tokenize.TokenError, which is no ValueError.
    array.write_bytes(array.read_bytes().replace(b"}", b"(", 1))
    assert pack(files, Preprocessing(size=16), tmp_path / "cache", "made").decoded == len(files)
    assert "are damaged" in capsys.readouterr().err
