"""What of a folder of data is compared between machines."""

from __future__ import annotations

import os
import shutil

import pytest

from derm_ray import data_listing
from derm_ray.data_listing import DataListing, difference, listing_of


@pytest.fixture
def here(tmp_path):
    """A folder of data with a table and photographs, and its copy."""
    folder = tmp_path / "clinic"
    for name in ("images/part-1/a.jpg", "images/part-1/b.JPG", "images/c.dcm", "d.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "metadata.csv").write_text("id,label")
    (folder / "images" / "list.txt").write_text("a")
    return folder


@pytest.fixture
def there(here, tmp_path):
    return shutil.copytree(here, tmp_path / "there" / "clinic")


def test_names_numbers_and_sizes_are_listed(here):
    assert listing_of(here) == DataListing(
        frozenset({"images", "d.png", "metadata.csv"}),
        {"": 1, "images": 1, "images/part-1": 2},
        {"metadata.csv": 8, "images/list.txt": 1},
    )


def remove(*names):
    def change(folder):
        for name in names:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def write(name, text=""):
    def change(folder):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: None, ""),
        (remove("."), "lacks 'CLINIC'"),
        (remove("d.png"), "lacks 'CLINIC/d.png'"),
        (remove("images/list.txt"), "lacks 'CLINIC/images/list.txt'"),
        (remove("images/c.dcm"), "has 0 photographs in place of 1 in 'CLINIC/images'"),
        # The folder is there, and empty, as where a file system is not mounted.
        (remove("images/part-1"), "has 0 photographs in place of 2 in 'CLINIC/images/part-1'"),
        (write("metadata.csv", "id"), "has 2 bytes in place of 8 in 'CLINIC/metadata.csv'"),
        (write("images/more/e.jpg"), "has 1 photographs in place of 0 in 'CLINIC/images/more'"),
        # What a system keeps there is no data.
        (write(".nfs0001"), ""),
        (write("images/part-1/.a.jpg"), ""),
        (write("images/@eaDir/a.jpg"), ""),
        (write("images/part-1/Thumbs.db"), ""),
        # What is beside it is the node's own affair.
        (write("notes.txt"), ""),
    ],
)
def test_a_copy_that_is_not_whole_is_told_of(here, there, change, said):
    change(there)
    assert difference(there, listing_of(here)) == said.replace("CLINIC", str(there))


def test_each_name_is_looked_up_however_many_there_are_and_few_are_shown(tmp_path):
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    here = DataListing(frozenset(f"a{number:05d}.jpg" for number in range(20_001)), {"": 20_001})
    there = tmp_path / "there"
    for number in range(7):
        (there / f"a{number:05d}.jpg").touch()
    assert difference(there, here) == (
        f"lacks '{there}/a00007.jpg', '{there}/a00008.jpg', '{there}/a00009.jpg' and 19991 more"
    )


def test_files_beside_each_photograph_are_counted_by_no_size(here, there, monkeypatch):
    monkeypatch.setattr(data_listing, "MEASURED", 1)
    (here / "images" / "other.txt").touch()
    assert set(listing_of(here).bytes) == {"metadata.csv"}
    # One more there does not make the others look lost.
    write("second.csv")(there)
    assert difference(there, listing_of(here)) == ""


def test_links_are_followed_and_one_that_leads_around_in_a_circle_ends(here, tmp_path):
    (here / "images").rename(tmp_path / "elsewhere")
    (here / "images").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "round").symlink_to(tmp_path / "elsewhere")
    listed = listing_of(here)
    assert (listed.photographs["images/part-1"], listed.photographs[""]) == (2, 1)
    assert len(listed.photographs) < 30


def test_data_in_one_file_are_compared_by_its_size(tmp_path):
    for folder, text in (("here", "abc"), ("there", "ab")):
        write("data.zip", text)(tmp_path / folder)
    here, there = tmp_path / "here" / "data.zip", tmp_path / "there" / "data.zip"
    assert difference(here, listing_of(here)) == ""
    assert difference(there, listing_of(here)) == f"has 2 bytes in place of 3 in '{there}'"
    there.unlink()
    assert difference(there, listing_of(here)) == f"lacks '{there}'"
    # Nobody asks for what is not here either.
    assert difference(there, None) == ""


def test_a_folder_that_cannot_be_listed_is_not_there(here, monkeypatch):
    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refuse)
    assert listing_of(here) is None
