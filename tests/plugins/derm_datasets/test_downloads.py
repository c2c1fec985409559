"""What the built-in plugins tell of downloads: addresses, and lists as the publishers' servers answer."""

import json
from urllib.parse import urlsplit

import pytest

from derm_cli.plugin import Download, Listing
from derm_datasets import derm_datasets, downloads

SPECS = {spec.name: spec for spec in derm_datasets()}
HOSTS = {
    "pad-ufes-20": "data.mendeley.com",
    "ham10000": "dataverse.harvard.edu",
    **dict.fromkeys(("isic-2018", "isic-2019", "isic-2020"), "isic-archive.s3.amazonaws.com"),
    **dict.fromkeys(("isic-archive", "isic-archive-malignancy"), "api.isic-archive.com"),
    "fitzpatrick17k": "raw.githubusercontent.com",
    "scin": "storage.googleapis.com",
}


def test_the_sets_whose_licence_allows_it_are_downloaded_and_no_others():
    assert {name for name, spec in SPECS.items() if spec.downloads} == set(HOSTS)


@pytest.mark.parametrize("name", HOSTS)
def test_every_address_is_https_and_of_the_publisher(name):
    names = [each.name for each in SPECS[name].downloads if isinstance(each, Download)]
    assert len(set(names)) == len(names)
    for each in SPECS[name].downloads:
        parts = urlsplit(each.address)
        assert (parts.scheme, parts.hostname, parts.port) == ("https", HOSTS[name], None)
        assert parts.path.startswith("/")


def test_archives_are_unpacked_and_tables_are_not():
    for spec in SPECS.values():
        for each in spec.downloads:
            if isinstance(each, Download):
                assert (each.unpack is not None) == each.name.endswith(".zip")


def test_what_mendeley_and_the_dataverse_publish_is_checked_file_by_file():
    for name in ("pad-ufes-20", "ham10000"):
        for each in SPECS[name].downloads:
            assert isinstance(each, Download)
            assert each.size
            assert each.checksum
            assert not each.optional


def test_ham10000s_table_is_asked_for_as_it_was_uploaded():
    # The Dataverse's own conversion has tabs, another size, and no MD5 that is told.
    table = next(each for each in SPECS["ham10000"].downloads if each.unpack is None)
    assert (table.name, table.size) == ("HAM10000_metadata.csv", 690_218)
    assert table.address.endswith("/4338392?format=original")


def test_an_archives_page_gives_a_row_of_metadata_for_each_photograph():
    item = {
        "isic_id": "ISIC_0000001",
        "copyright_license": "CC-BY",
        "attribution": "Anonymous",
        "files": {"full": {"url": "https://content.isic-archive.com/1/ISIC_0000001.jpg?Signature=x", "size": 5}},
        "metadata": {"clinical": {"age_approx": 55, "sex": None}, "acquisition": {"image_type": "dermoscopic"}},
    }
    following = "https://api.isic-archive.com/api/v2/images/search/?cursor=abc&limit=100"
    page = downloads.read_isic_page(json.dumps({"results": [item], "next": following}))
    assert (page.downloads[0].name, page.downloads[0].size) == ("ISIC_0000001.jpg", 5)
    assert dict(page.rows[0]) == {
        "isic_id": "ISIC_0000001",
        "attribution": "Anonymous",
        "copyright_license": "CC-BY",
        "age_approx": "55",
        "sex": "",
        "image_type": "dermoscopic",
    }
    assert page.following == following
    assert downloads.read_isic_page('{"results": [], "next": null}').following == ""


def test_scins_table_names_its_photographs_once():
    rows = ("1,dataset/images/-1.png,,", "2,dataset/images/b c.png,dataset/images/-1.png")
    text = "\n".join(("case_id,image_1_path,image_2_path,image_3_path", *rows))
    page = downloads.read_scin_cases(text)
    assert [each.name for each in page.downloads] == ["dataset/images/-1.png", "dataset/images/b c.png"]
    assert page.downloads[1].address.endswith("/dataset/images/b%20c.png")
    assert all(each.optional for each in page.downloads)
    with pytest.raises(ValueError, match="image_1_path"):
        downloads.read_scin_cases("a,b\n")
    assert isinstance(SPECS["scin"].downloads[1], Listing)
