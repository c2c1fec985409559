"""Photographs on disk that no record names."""

from derm_cli.data.checking.orphans import orphan_files, unusable_masks


def test_what_no_record_names(make, told, tmp_path):
    for name in ("0.jpg", "1.JPG", "more/2.png", "more/deep/3.tiff", "mask.png", "gone.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("notes.txt", ".hidden.jpg", "__MACOSX/4.jpg", ".git/5.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    checked = make(["A", "B"], mask=["mask.png", None], dropped=[("7", "gone.jpg", "X", "-")])
    assert told(orphan_files(checked)) == {"orphan": [["more/2.png"], ["more/deep/3.tiff"]]}


def test_masks_that_cannot_be_used(make):
    (finding,) = unusable_masks(make(["A", "B"], masks={"1": "it has no mask"}))
    assert [(case.case_id, case.detail) for case in finding.cases] == [("1", "it has no mask")]
    assert not list(unusable_masks(make(["A", "B"])))
