import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import Download, Listing, Page

GOOD = {"name": "a/b.zip", "address": "https://example.org/b.zip"}


def test_a_download_that_is_in_order():
    for told in ({}, {"size": 1, "checksum": "md5:" + "0" * 32, "unpack": ""}, {"checksum": "sha256:" + "f" * 64}):
        Download(**GOOD, **told)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", name) for name in ("", "/a", "../a", "a/../b", "a//b", "a\\b", "C:a", "a\0", ".", "a/", "a?b")),
        *(("address", it) for it in ("", "http://example.org/a", "ftp://example.org/a", "example.org/a", "https://")),
        *(("address", it) for it in ("https://u:p@example.org/a", "https://example.org/a b", "https://[x/a")),
        *(("size", size) for size in (0, -1)),
        *(("checksum", it) for it in ("abc", "md5:abc", "sha256:" + "g" * 64, "sha1:" + "0" * 40, "md5:" + "0" * 33)),
        *(("unpack", it) for it in ("..", "/a", "a/..")),
    ],
)
def test_a_wrong_field_is_named(field, value):
    with pytest.raises(SpecError, match=f"field '{field}'"):
        Download(**GOOD | {field: value})


def test_lists_and_pages_are_checked_too():
    with pytest.raises(SpecError, match="must be an https address"):
        Listing(address="http://example.org", read=print)
    with pytest.raises(SpecError, match="stays in the dataset's folder"):
        Listing(address="https://example.org", read=print, table="../x.csv")
    with pytest.raises(SpecError, match="a page has 1 rows, but 0 downloads"):
        Page(downloads=(), rows=({},))
    assert not Listing(address="https://example.org", read=print).content
    assert Listing(address="https://example.org", read=print, keep="a.csv").content
