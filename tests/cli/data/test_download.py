"""``derm data download`` from a server on this machine, in the layouts that the publishers have."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from filelock import FileLock

from derm_cli.cli.data import download as download_command
from derm_cli.data.downloading import http, space
from derm_cli.data.downloading.http import RetryPolicy
from derm_cli.plugin import Download, Listing, Page
from tests.support import http_servers, isic_trees, trees

ACCEPTED = "--accept-licence"


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    http_servers.only_this_machine(monkeypatch)
    patience = RetryPolicy(attempts=3, pause=0.01, longest=0.5, connect=2, read=0.5, progress=1000)
    monkeypatch.setattr(http, "RETRY_POLICY", patience)


@pytest.fixture
def server():
    with http_servers.running() as server:
        yield server


def zipped(folder: Path, within: str = "") -> bytes:
    """Return what is below ``folder`` as a zip, in a folder ``within``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{within}/{path.relative_to(folder)}" if within else path.relative_to(folder))
    return content.getvalue()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def from_here(monkeypatch, module: str, downloads) -> None:
    """Let a dataset's plugin tell of the server on this machine."""
    plugin = import_module(f"derm_datasets.{module}")
    monkeypatch.setattr(plugin, "SPEC", replace(plugin.SPEC, downloads=tuple(downloads)))


def files_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class Pad:
    """A made PAD-UFES-20 on the server, in the files that Mendeley Data has."""

    def __init__(self, server, folder):
        self.server = server
        tree = trees.make_pad(folder, per_class=4)
        images = {f"imgs_part_{part}.zip": tree / "images" / f"imgs_part_{part}" for part in (1, 2, 3)}
        self.contents = {"metadata.csv": (tree / "metadata.csv").read_bytes()}
        self.contents |= {name: zipped(found, found.name) for name, found in images.items()}
        self.photographs = {path.name: path.read_bytes() for path in tree.rglob("*.png")}
        for name, content in self.contents.items():
            server.serve(f"/{name}", http_servers.whole(content))

    @property
    def downloads(self):
        return [
            Download(
                name=name,
                address=f"{self.server.address}/{name}",
                size=len(content),
                checksum=sha256(content),
                unpack="images" if name.endswith(".zip") else None,
            )
            for name, content in self.contents.items()
        ]

    def with_content(self, name: str, content: bytes) -> list[Download]:
        """Serve another content for a file, and tell so."""
        self.server.serve(f"/{name}", http_servers.whole(content))
        told = {"size": len(content), "checksum": sha256(content)}
        return [replace(each, **told) if each.name == name else each for each in self.downloads]

    def is_whole_in(self, root: Path) -> bool:
        found = {path.name: path.read_bytes() for path in root.rglob("*.png")}
        return found == self.photographs and (root / "metadata.csv").read_bytes() == self.contents["metadata.csv"]


@pytest.fixture
def pad(server, tmp_path, monkeypatch):
    pad = Pad(server, tmp_path / "publisher")
    from_here(monkeypatch, "pad_ufes_20", pad.downloads)
    return pad


def test_pad_ufes_20_is_downloaded_whole_and_ready(place, pad):
    result = place.derm("data", "download", "pad-ufes-20", ACCEPTED)
    root = place.data / "pad-ufes-20"
    assert result.stdout.endswith(f"pad-ufes-20 in {root}, ready: 24 photographs\n")
    assert "licence    CC BY 4.0" in result.stderr
    assert "Pacheco" in result.stderr
    assert pad.is_whole_in(root)
    assert sorted(path.name for path in place.data.iterdir()) == ["pad-ufes-20"]
    record = json.loads((root / "download.json").read_text())
    assert [each["sha256"] for each in record["files"]] == [sha256(each)[7:] for each in pad.contents.values()]
    assert all(each["checked"] == f"sha256:{each['sha256']}" for each in record["files"])
    place.derm("data", "check", "pad-ufes-20")


def test_what_was_downloaded_is_not_downloaded_again(place, pad):
    place.derm("data", "download", "pad-ufes-20", ACCEPTED)
    asked = len(pad.server.sent)
    assert "was downloaded before" in place.derm("data", "download", "pad-ufes-20").stdout
    found = place.json("data", "download", "pad-ufes-20")
    assert (found["already"], found["photographs"], len(found["files"])) == (True, 24, 4)
    assert len(pad.server.sent) == asked


def test_what_a_kill_left_of_a_complete_download_goes_with_the_next_call(place, pad, monkeypatch):
    from derm_cli.data.downloading.staging import StagingFolder

    with monkeypatch.context() as patch:
        patch.setattr(StagingFolder, "remove", lambda _: None)
        place.derm("data", "download", "pad-ufes-20", ACCEPTED)
    left = place.data / ".pad-ufes-20.download"
    assert left.is_dir()
    with FileLock(left / "lock"):
        place.derm("data", "download", "pad-ufes-20")
        assert left.is_dir()
    place.derm("data", "download", "pad-ufes-20")
    assert sorted(path.name for path in place.data.iterdir()) == ["pad-ufes-20"]
    assert pad.is_whole_in(place.data / "pad-ufes-20")


def test_a_dry_run_fetches_nothing(place, pad):
    result = place.derm("data", "download", "pad-ufes-20", "--dry-run")
    assert "imgs_part_3.zip" in result.stdout
    told = place.json("data", "download", "pad-ufes-20", "--dry-run")
    assert told["bytes"] == sum(map(len, pad.contents.values()))
    assert told["free"] > 0
    assert not place.data.exists()
    assert all(each.count == 0 for each in pad.server.sent)


def test_the_licence_must_be_accepted(place, pad, monkeypatch):
    sentence = place.refused("data", "download", "pad-ufes-20", exit_status=2)
    assert "'pad-ufes-20' (CC BY 4.0) must be accepted" in sentence
    assert "--accept-licence" in sentence
    monkeypatch.setattr(download_command, "_interactive", lambda: True)
    from click.testing import CliRunner

    from derm_cli.cli import cli

    environment = {"DERM_DATA": str(place.data)}
    refused = CliRunner().invoke(cli, ["data", "download", "pad-ufes-20"], input="n\n", env=environment)
    assert refused.exit_code == 1
    assert "was not accepted: nothing was downloaded" in refused.output
    assert not (place.data / "pad-ufes-20").exists()
    assert all(each.count == 0 for each in pad.server.sent)
    accepted = CliRunner().invoke(cli, ["data", "download", "pad-ufes-20"], input="y\n", env=environment)
    assert accepted.exit_code == 0, accepted.output
    assert pad.is_whole_in(place.data / "pad-ufes-20")


@pytest.mark.parametrize("place_taken", ["file", "folder", "link", "nowhere"])
def test_a_users_files_are_never_touched(place, pad, place_taken):
    root = place.data / "pad-ufes-20"
    place.data.mkdir()
    own = place.root / "own"
    own.mkdir()
    if place_taken == "file":
        root.write_text("mine")
    elif place_taken == "folder":
        root.mkdir()
        (root / "mine.txt").write_text("mine")
    else:
        root.symlink_to(own if place_taken == "link" else place.root / "nowhere")
    before = files_of(place.root)
    assert "is not touched" in place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    assert files_of(place.root) == before
    assert pad.server.sent == []


def test_an_empty_folder_is_filled_and_another_one_named(place, pad):
    (place.root / "disk").mkdir()
    result = place.derm("data", "download", "pad-ufes-20", ACCEPTED, "--to", place.root / "disk")
    assert pad.is_whole_in(place.root / "disk")
    assert f'[datasets.pad-ufes-20] path = "{place.root / "disk"}"' in result.stdout
    assert not place.data.exists()


def test_an_interrupted_download_goes_on_with_the_same_command(place, pad):
    name = "imgs_part_2.zip"
    pad.server.serve(f"/{name}", http_servers.whole(pad.contents[name], after=2000), http_servers.status(404))
    assert f"/{name}' cannot be downloaded: the server answered 404" in place.refused(
        "data", "download", "pad-ufes-20", ACCEPTED
    )
    assert [path.name for path in place.data.iterdir()] == [".pad-ufes-20.download"]
    pad.server.sent.clear()
    pad.server.serve(f"/{name}", http_servers.whole(pad.contents[name]))
    place.derm("data", "download", "pad-ufes-20", ACCEPTED)
    assert pad.is_whole_in(place.data / "pad-ufes-20")
    fetched = {each.path: each.count for each in pad.server.sent if each.count}
    third = len(pad.contents["imgs_part_3.zip"])
    assert fetched == {f"/{name}": len(pad.contents[name]) - 2000, "/imgs_part_3.zip": third}


def test_wrong_bytes_never_become_a_dataset(place, pad):
    content = bytearray(pad.contents["imgs_part_1.zip"])
    content[100] ^= 1
    pad.server.serve("/imgs_part_1.zip", http_servers.whole(bytes(content)))
    sentence = place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    assert sha256(bytes(content)) in sentence
    assert sha256(pad.contents["imgs_part_1.zip"]) in sentence
    assert not (place.data / "pad-ufes-20").exists()
    pad.server.serve("/imgs_part_1.zip", http_servers.whole(pad.contents["imgs_part_1.zip"]))
    place.derm("data", "download", "pad-ufes-20", ACCEPTED)
    assert pad.is_whole_in(place.data / "pad-ufes-20")
    assert [path.name for path in place.data.iterdir()] == ["pad-ufes-20"]


def test_an_evil_archive_leaves_nothing_outside_and_no_dataset(place, pad, server, monkeypatch):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("imgs_part_1/good.png", b"1")
        archive.writestr("../../../../escaped.txt", b"2")
    evil = content.getvalue()
    from_here(monkeypatch, "pad_ufes_20", pad.with_content("imgs_part_1.zip", evil))
    assert "leaves its folder" in place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    assert not list(place.root.rglob("escaped.txt"))
    assert not list(place.root.rglob("good.png"))
    assert [path.name for path in place.data.iterdir()] == [".pad-ufes-20.download"]


def test_two_archives_with_one_file_are_refused(place, pad, server, monkeypatch):
    content = pad.contents["imgs_part_1.zip"]
    from_here(monkeypatch, "pad_ufes_20", pad.with_content("imgs_part_2.zip", content))
    assert "in two of the dataset's archives" in place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    assert not (place.data / "pad-ufes-20").exists()


def test_a_set_without_its_layout_is_no_dataset(place, pad, server, monkeypatch):
    other = b"case,label\n1,x\n"
    from_here(monkeypatch, "pad_ufes_20", pad.with_content("metadata.csv", other))
    assert "has no column" in place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    assert not (place.data / "pad-ufes-20").exists()


def test_space_is_looked_at_before_anything_is_fetched(place, pad, monkeypatch):
    monkeypatch.setattr(space, "free_bytes", lambda folder: 100_010_000)
    sentence = place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    assert "needs" in sentence
    assert "100.0 MB are free" in sentence
    assert all(each.count == 0 for each in pad.server.sent)


def test_two_processes_do_not_download_to_one_place(place, pad):
    folder = place.data / ".pad-ufes-20.download"
    folder.mkdir(parents=True)
    with FileLock(folder / "lock"):
        assert "Another process is downloading" in place.refused("data", "download", "pad-ufes-20", ACCEPTED)
    place.derm("data", "download", "pad-ufes-20", ACCEPTED)


def test_what_stops_it_by_hand_is_said_and_kept(place, pad, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("derm_cli.data.downloading.fetch_all.fetch", stopped)
    assert "the same command goes on" in place.refused("data", "download", "pad-ufes-20", ACCEPTED)


PROGRAM = """
import json, sys
from dataclasses import replace
from derm_cli.plugin import Download
from derm_datasets import pad_ufes_20
downloads = tuple(Download(**each) for each in json.loads(sys.argv[1]))
pad_ufes_20.SPEC = replace(pad_ufes_20.SPEC, downloads=downloads)
from derm_cli.cli import main
sys.argv = ["derm", "data", "download", "pad-ufes-20", "--accept-licence"]
main()
"""


def process(place, pad) -> subprocess.Popen[str]:
    downloads = json.dumps([vars(each) for each in pad.downloads])
    environment = os.environ | {"DERM_DATA": str(place.data), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", PROGRAM, downloads]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.timeout(120)
def test_kill_9_in_the_middle_and_nothing_is_sent_twice(place, pad):
    name, before = "imgs_part_2.zip", 3000
    content = pad.contents[name]
    mark = f'"{hashlib.md5(content).hexdigest()}"'

    def stalls(handler):
        handler.head(200, {"Content-Length": str(len(content)), "ETag": mark})
        handler.body(content[:before])
        handler.wfile.flush()
        time.sleep(60)

    pad.server.serve(f"/{name}", stalls)
    killed = process(place, pad)
    part = place.data / ".pad-ufes-20.download" / "files" / f"{name}.part"
    until = time.monotonic() + 60
    try:
        while not part.exists() or pad.server.of(f"/{name}")[-1].count < before:
            assert killed.poll() is None, killed.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)
        time.sleep(0.3)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    there = part.stat().st_size
    assert there > 0
    assert not (place.data / "pad-ufes-20").exists()
    pad.server.sent.clear()
    pad.server.serve(f"/{name}", http_servers.whole(content))
    going_on = process(place, pad)
    output, errors = going_on.communicate(timeout=60)
    assert going_on.returncode == 0, errors
    assert "ready: 24 photographs" in output
    assert pad.is_whole_in(place.data / "pad-ufes-20")
    (again,) = pad.server.of(f"/{name}")
    assert (again.range, again.count) == (f"bytes={there}-", len(content) - there)
    assert pad.server.of("/metadata.csv") == pad.server.of("/imgs_part_1.zip") == []


def test_a_kill_while_files_are_put_in_place_does_no_harm(place, pad, monkeypatch):
    """Stopped before every one of the renames in turn."""
    from derm_cli.data.downloading import staging as places

    move, left = places._move, [0]

    def stopping(path, to):
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        move(path, to)

    monkeypatch.setattr(places, "_move", stopping)
    for renames in (0, 1, 5, 9):
        left[0] = renames
        place.refused("data", "download", "pad-ufes-20", ACCEPTED)
        assert not (place.data / "pad-ufes-20").exists()
    left[0] = 10_000
    asked = len(pad.server.of("/imgs_part_1.zip"))
    place.derm("data", "download", "pad-ufes-20", ACCEPTED)
    assert pad.is_whole_in(place.data / "pad-ufes-20")
    assert len(pad.server.of("/imgs_part_1.zip")) == asked == 1


@pytest.fixture
def ham(server, tmp_path):
    """A made HAM10000 in the files that the Harvard Dataverse has, and what a plugin would tell of them."""
    tree = trees.make_ham(tmp_path / "publisher")
    contents = {
        "HAM10000_metadata.csv": (tree / "HAM10000_metadata").read_bytes(),
        **{f"{part}.zip": zipped(tree / part) for part in ("HAM10000_images_part_1", "HAM10000_images_part_2")},
    }
    for name, content in contents.items():
        server.serve(f"/{name}", http_servers.whole(content))
    return {
        name: Download(
            name=name,
            address=f"{server.address}/{name}",
            size=len(content),
            checksum=f"md5:{hashlib.md5(content).hexdigest()}",
            unpack=name.removesuffix(".zip") if name.endswith(".zip") else None,
        )
        for name, content in contents.items()
    }


def test_ham10000_is_downloaded_whole_and_ready(place, ham, monkeypatch):
    from_here(monkeypatch, "ham10000", ham.values())
    found = place.json("data", "download", "ham10000", ACCEPTED)
    assert found["photographs"] == 42
    assert {each["name"]: each["checked"] for each in found["files"]} == {n: each.checksum for n, each in ham.items()}


def test_a_list_that_is_no_part_of_the_set_is_read_before_the_licence_is_accepted(place, server, ham, monkeypatch):
    address = server.serve("/list", http_servers.whole("\n".join(ham).encode()))
    listing = Listing(address=address, read=lambda text: Page(downloads=tuple(ham[name] for name in text.split())))
    from_here(monkeypatch, "ham10000", [listing])
    told = place.json("data", "download", "ham10000", "--dry-run")
    assert not place.data.exists()
    assert told["bytes"] == sum(each.size for each in ham.values())
    assert place.json("data", "download", "ham10000", ACCEPTED)["photographs"] == 42


def test_there_must_be_room_for_what_the_server_alone_tells_the_size_of(place, server, ham, monkeypatch):
    from_here(monkeypatch, "ham10000", [replace(each, size=None, checksum="") for each in ham.values()])
    sizes = [each.size for each in ham.values()]
    # All of it, and the largest archive once more while it is unpacked.
    needed = sum(sizes) + max(sizes)
    monkeypatch.setattr(space, "free_bytes", lambda _: space.RESERVE + needed - 1)
    sentence = place.refused("data", "download", "ham10000", ACCEPTED)
    assert f"Dataset 'ham10000' needs {space.size_text(needed)}" in sentence
    assert all(each.count == 0 for each in server.sent)
    monkeypatch.setattr(space, "free_bytes", lambda _: space.RESERVE + needed)
    place.derm("data", "download", "ham10000", ACCEPTED)


@pytest.fixture
def archive(server, tmp_path, monkeypatch):
    """A made ISIC Archive: its photographs, and its API in pages of 20."""
    from derm_datasets import downloads

    tree = isic_trees.make_isic_archive(tmp_path / "publisher", per_class=3)
    with (tree / "metadata.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    paths = {path.stem: path for path in tree.rglob("*") if path.suffix.lower() == ".jpg"}
    items = []
    for row in rows:
        content = paths[row["isic_id"]].read_bytes()
        about = {column: row.pop(column) for column in ("isic_id", "attribution", "copyright_license")}
        address = server.serve(f"/{about['isic_id']}", http_servers.whole(content))
        full = {"url": address, "size": len(content)}
        items.append({**about, "files": {"full": full}, "metadata": {"clinical": row}})
    for parameters in ("limit=20", "limit=20&collections=65"):
        for start in range(0, len(items), 20):
            path = f"/search?{parameters}" + (f"&cursor={start}" if start else "")
            following = f"{server.address}/search?{parameters}&cursor={start + 20}" if start + 20 < len(items) else None
            text = json.dumps({"results": items[start : start + 20], "next": following})
            server.serve(path, http_servers.whole(text.encode()))
    source = Listing(
        address=f"{server.address}/search?limit=20",
        read=downloads.read_isic_page,
        table="metadata.csv",
        collection="collections",
    )
    from_here(monkeypatch, "isic_archive", [source])
    return items


def test_the_newest_of_the_isic_archive(place, archive, server):
    result = place.derm("data", "download", "isic-archive", ACCEPTED, "--limit", "25")
    root = place.data / "isic-archive"
    assert "ready: 25 photographs" in result.stdout
    assert "Nobody tells a checksum for 25 of 25 files" in result.stdout
    assert len(list(root.glob("*.jpg"))) == 25
    pages = [each.path for each in server.sent if "search" in each.path]
    assert pages == ["/search?limit=20", "/search?limit=20&cursor=20"]


def test_a_collection_of_the_isic_archive_goes_on_photograph_by_photograph(place, archive, server):
    twelfth = server.answers["/ISIC_0000012"]
    server.serve("/ISIC_0000012", http_servers.status(403))
    arguments = ("data", "download", "isic-archive", ACCEPTED, "--collection", "65")
    assert "403" in place.refused(*arguments)
    assert not (place.data / "isic-archive").exists()
    before = {each.path for each in server.sent if each.count and "search" not in each.path}
    assert len(before) >= 12
    server.answers["/ISIC_0000012"] = twelfth
    server.sent.clear()
    assert place.json(*arguments)["photographs"] == 33
    assert server.of("/ISIC_0000011") == []
    assert all(each.count == 0 or each.path not in before for each in server.sent)
    assert len(server.of("/ISIC_0000012")) == 1


def test_the_whole_isic_archive_is_not_downloaded_by_accident(place, pad, archive):
    assert "--collection ID" in place.refused("data", "download", "isic-archive", ACCEPTED, exit_status=2)
    sentence = place.refused("data", "download", "pad-ufes-20", "--limit", "3", exit_status=2)
    assert "is downloaded whole" in sentence


def test_a_collection_that_is_empty_is_said(place, archive, server):
    server.serve("/search?limit=20&collections=9", http_servers.whole(b'{"results": [], "next": null}'))
    sentence = place.refused("data", "download", "isic-archive", ACCEPTED, "--collection", "9")
    assert "names nothing to download" in sentence


def test_another_part_of_the_isic_archive_is_another_download(place, archive):
    place.derm("data", "download", "isic-archive", ACCEPTED, "--limit", "25")
    arguments = ("data", "download", "isic-archive", ACCEPTED, "--collection", "65", "--limit", "5")
    assert "has another part of 'isic-archive' (the newest 25)" in place.refused(*arguments)
    result = place.derm(*arguments, "--to", place.root / "other")
    assert "ready: 5 photographs" in result.stdout
    assert "(collection 65, the newest 5)" in place.refused(
        *("data", "download", "isic-archive", ACCEPTED, "--limit", "5", "--to", place.root / "other")
    )


def test_nothing_of_a_part_that_was_begun_gets_into_another_one(place, archive, monkeypatch):
    from derm_cli.data.downloading.staging import StagingFolder

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(StagingFolder, "publish", stop)
        place.refused("data", "download", "isic-archive", ACCEPTED, "--limit", "25")
    place.derm("data", "download", "isic-archive", ACCEPTED, "--limit", "20")
    assert len(list((place.data / "isic-archive").glob("*.jpg"))) == 20


@pytest.fixture
def scin(server, tmp_path, monkeypatch):
    """A made SCIN on the server, in the paths of its bucket."""
    from derm_datasets import downloads

    tree = trees.make_scin(tmp_path / "publisher", per_class=2)
    for name, content in files_of(tree).items():
        server.serve(f"/{name}", http_servers.whole(content))
    monkeypatch.setattr(downloads, "_SCIN", server.address)
    cases = "dataset/scin_cases.csv"
    labels = Download(name="dataset/scin_labels.csv", address=f"{server.address}/dataset/scin_labels.csv")
    listing = Listing(address=f"{server.address}/{cases}", read=downloads.read_scin_cases, keep=cases)
    from_here(monkeypatch, "scin", [labels, listing])
    return tree


def test_a_photograph_that_the_bucket_lacks_is_told_and_left_out(place, server, scin):
    photographs = sorted((scin / "dataset" / "images").iterdir())
    gone = f"dataset/images/{photographs[3].name}"
    del server.answers[f"/{gone}"]
    found = place.json("data", "download", "scin", ACCEPTED)
    assert (found["absent"], found["photographs"]) == ([gone], len(photographs) - 1)
    record = json.loads((place.data / "scin" / "download.json").read_text())
    assert record["absent"] == [gone]
    again = place.derm("data", "download", "scin")
    assert f"The publisher has not got 1 that its list names: {gone}" in again.stdout


def test_a_bucket_that_lacks_many_is_not_what_the_list_was_made_for(place, server, scin):
    for photograph in sorted((scin / "dataset" / "images").iterdir())[:11]:
        del server.answers[f"/dataset/images/{photograph.name}"]
    assert "404" in place.refused("data", "download", "scin", ACCEPTED)
    assert not (place.data / "scin").exists()


def test_a_table_that_is_missing_is_never_left_out(place, server, scin):
    del server.answers["/dataset/scin_labels.csv"]
    assert "scin_labels.csv" in place.refused("data", "download", "scin", ACCEPTED)


def test_scin_comes_by_its_own_table(place, scin):
    tree = scin
    found = place.json("data", "download", "scin", ACCEPTED)
    got = files_of(place.data / "scin")
    got.pop("download.json")
    assert got == files_of(tree)
    assert found["photographs"] == len(list(tree.rglob("*.png")))


def test_of_fitzpatrick17k_there_is_the_list_alone(place, server, tmp_path, monkeypatch):
    tree = trees.make_fitzpatrick17k(tmp_path / "publisher")
    content = (tree / "fitzpatrick17k.csv").read_bytes()
    address = server.serve("/f.csv", http_servers.whole(content))
    from_here(monkeypatch, "fitzpatrick17k", [Download(name="fitzpatrick17k.csv", address=address)])
    result = place.derm("data", "download", "fitzpatrick17k", ACCEPTED)
    assert "ready: 0 photographs" in result.stdout
    assert "This is the list alone" in result.stdout
    assert "the photographs from the addresses in it" in result.stdout
    assert (place.data / "fitzpatrick17k" / "fitzpatrick17k.csv").read_bytes() == content


@pytest.mark.parametrize("name", ["edra", "dermofit", "ddi", "dermai"])
def test_what_may_not_be_downloaded_says_where_to_get_it(place, name):
    sentence = place.refused("data", "download", name, ACCEPTED)
    assert f"Dataset '{name}' cannot be downloaded by derm" in sentence
    assert "licence: " in sentence


def test_what_there_is_nothing_to_download_of(place):
    assert "made by derm" in place.refused("data", "download", "synthetic-phone", exit_status=2)
    assert "cannot be downloaded" in place.refused("data", "download", "folder")
    assert "Did you mean 'ham10000'" in place.refused("data", "download", "ham1000", exit_status=2)
