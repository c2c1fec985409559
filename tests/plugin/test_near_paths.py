"""Which photograph of a folder a path means that names none."""

from __future__ import annotations

import pytest

from derm_cli.plugin import NearPaths

FILES = (
    "images/1.jpg",
    "images/2.PNG",
    "images/sub/3.jpeg",
    "4.tif",
    "a/5.jpg",
    "b/5.jpg",
    "My Photo (6).jpg",
    "é.jpg",
)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        # Spelled otherwise.
        ("IMAGES/1.JPG", "images/1.jpg"),
        ("./images//1.jpg", "images/1.jpg"),
        ("images\\1.jpg", "images/1.jpg"),
        ("'images/1.jpg'", "images/1.jpg"),
        ("My%20Photo%20(6).jpg", "My Photo (6).jpg"),
        ("My\u00a0Photo  (6).jpg", "My Photo (6).jpg"),
        ("e\u0301.jpg", "é.jpg"),
        ("\u200bimages/1.jpg\ufeff", "images/1.jpg"),
        # One folder lower or higher, or with the dataset's own.
        ("1.jpg", "images/1.jpg"),
        ("sub/3.jpeg", "images/sub/3.jpeg"),
        ("images/3.jpeg", "images/sub/3.jpeg"),
        ("images/sub/more/3.jpeg", "images/sub/3.jpeg"),
        ("clinic/images/1.jpg", "images/1.jpg"),
        ("data/clinic/4.tif", "4.tif"),
        # From a root, of another computer too.
        ("C:\\Users\\me\\clinic\\images\\1.jpg", "images/1.jpg"),
        ("D:/old/1.jpg", "images/1.jpg"),
        ("/home/me/photos/1.jpg", "images/1.jpg"),
        ("\\\\server\\share\\1.jpg", "images/1.jpg"),
        ("file:///C:/x/My%20Photo%20(6).jpg", "My Photo (6).jpg"),
        ("https://example.org/files/1.jpg", "images/1.jpg"),
        # With another ending, or none.
        ("images/1.jpeg", "images/1.jpg"),
        ("images/1.heic", "images/1.jpg"),
        ("1.CR2", "images/1.jpg"),
        ("images/1.png", "images/1.jpg"),
        ("3.JPG", "images/sub/3.jpeg"),
        ("4.tiff", "4.tif"),
        ("images/1", "images/1.jpg"),
        ("images/2", "images/2.PNG"),
        # Not clear: what is PNG beside a JPEG of that name may be its mask.
        ("images/2.jpg", None),
        ("5.jpg", None),
        ("C:\\x\\5.jpg", None),
        ("other/1.jpg", None),
        ("images/deep/3.jpeg", None),
        ("../images/1.jpg", None),
        ("..\\1.jpg", None),
        ("images/7.jpg", None),
        ("images", None),
        ("images/", None),
        ("", None),
        ("/", None),
        ("C:", None),
        ("nul\0.jpg", None),
    ],
)
def test_a_path_means_one_file_or_none(path: str, meant: str | None) -> None:
    assert NearPaths(FILES).meant(path) == meant


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("5.jpg", ("a/5.jpg", "b/5.jpg")),
        ("b/5.png", ("b/5.jpg", "a/5.jpg")),
        ("images/2.jpg", ("images/2.PNG",)),
        ("other/1.jpg", ("images/1.jpg",)),
        ("../1.jpg", ("images/1.jpg",)),
        ("8.jpg", ()),
    ],
)
def test_files_of_the_name_are_near_those_most_alike_first(path: str, near: tuple[str, ...]) -> None:
    assert NearPaths(FILES).near(path) == near


def test_of_several_files_the_one_with_most_folders_in_common_is_meant() -> None:
    assert NearPaths(["1.jpg", "images/1.jpg"]).meant("clinic/images/1.jpg") == "images/1.jpg"
    assert NearPaths(["1.jpg", "images/1.jpg"]).meant("clinic/other/1.jpg") == "1.jpg"
    assert NearPaths(["1.jpg", "1.jpeg"]).meant("1.heic") is None


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("masks/1.jpg", "masks/1.png"),
        ("masks/1.bmp", "masks/1.png"),
        ("1.png", "masks/1.png"),
        ("masks/2.jpeg", "masks/2.jpg"),
        # A photograph is of JPEG, and no mask.
        ("masks/2.png", None),
        ("masks/3.png", None),
    ],
)
def test_a_mask_may_be_of_another_format_without_loss(path: str, meant: str | None) -> None:
    assert NearPaths(["masks/1.png", "masks/2.jpg", "images/3.jpg"]).meant(path, is_mask=True) == meant


def test_a_publishers_file_may_lie_anywhere() -> None:
    assert NearPaths(["b/1.jpg", "a/2.jpg", "b/2.jpg"]).meant("a/1.jpg", anywhere=True) == "b/1.jpg"
    assert NearPaths(["b/1.jpg", "c/1.jpg"]).meant("a/1.jpg", anywhere=True) is None
