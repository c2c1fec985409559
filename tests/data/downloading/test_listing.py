import json

import pytest

from derm_cli.data.downloading import listing as listings
from derm_cli.data.downloading.http import new_session
from derm_cli.data.downloading.listing import csv_text, read_listing
from derm_cli.errors import DermError
from derm_cli.plugin import Download, Listing, Page, read_text_table
from tests.support import http_servers


def read(text):
    page = json.loads(text)
    downloads = tuple(Download(name=name, address=f"https://127.0.0.1/{name}") for name in page["names"])
    rows = tuple({"name": name, **page.get("more", {})} for name in page["names"])
    return Page(downloads=downloads, rows=rows, following=page.get("next", ""))


def served(server, path, *names, following="", **more):
    text = json.dumps({"names": names, "next": following, "more": more}).encode()
    return server.serve(path, http_servers.whole(text))


@pytest.fixture
def ask(tmp_path):
    def ask(address, *arguments, **told):
        with new_session() as session:
            return read_listing(Listing(address=address, read=read, **told), tmp_path / "pages", session, *arguments)

    return ask


def test_pages_are_read_in_their_order_and_only_once(server, ask):
    last = served(server, "/3", "c")
    second = served(server, "/2", "b", following=last, colour="red")
    first = served(server, "/1", "a", following=second)
    for _ in range(2):
        downloads, rows = ask(first)
        assert [each.name for each in downloads] == ["a", "b", "c"]
        assert csv_text(rows) == "name,colour\na,\nb,red\nc,\n"
    assert [each.path for each in server.sent] == ["/1", "/2", "/3"]


def test_what_a_list_names_is_written_so_that_no_spreadsheet_runs_it(tmp_path):
    rows = [{"name": "=1+1", "@site": "+A1"}, {"name": "a\rb", "@site": "-5"}, {"name": "'=x"}]
    text = csv_text(rows)
    assert text == "name,'@site\n'=1+1,'+A1\n\"a\rb\",-5\n''=x,\n"
    (tmp_path / "metadata.csv").write_text(text, encoding="utf-8", newline="")
    table = read_text_table(tmp_path / "metadata.csv", ["name"])
    assert table.header.cells == ["name", "@site"]
    assert [row.cells for row in table.rows] == [["=1+1", "+A1"], ["a\rb", "-5"], ["'=x", ""]]


def test_no_page_is_asked_for_behind_the_limit(server, ask):
    first = served(server, "/1", "a", "b", "c", following=server.address + "/2")
    downloads, rows = ask(first, "", 2)
    assert ([each.name for each in downloads], len(rows)) == (["a", "b"], 2)
    assert len(server.sent) == 1


def test_a_collection_is_a_parameter_and_nothing_more(server, ask):
    address = served(server, "/1?limit=2&in=7%26next%3D1", "a")
    ask(address.partition("&")[0], "7&next=1", collection="in")
    assert len(server.sent) == 1


def test_a_cut_page_is_asked_for_again(server, ask):
    text = json.dumps({"names": ["a"]}).encode()
    downloads, _ = ask(
        server.serve("/1", http_servers.whole(text, after=4), http_servers.status(503), http_servers.whole(text))
    )
    assert len(downloads) == 1


def test_a_list_that_goes_round_or_elsewhere_is_not_followed(server, ask):
    address = served(server, "/1", "a", following=server.address + "/1")
    with pytest.raises(DermError, match="does not end"):
        ask(address)
    address = served(server, "/2", "a", following="https://example.org/2")
    with pytest.raises(DermError, match=r"leads on to another host \('https://example.org/2'\)"):
        ask(address)


@pytest.mark.parametrize("text", [b"", b"<html>", b"[]", b"{}", b'{"names": 3}', b"\xff\xfe"])
def test_what_is_no_list_is_said_and_not_kept(server, ask, text):
    address = server.serve("/1", http_servers.whole(text))
    with pytest.raises(DermError, match="list"):
        ask(address)
    served(server, "/1", "a")
    assert len(ask(address)[0]) == 1


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../b", "C:\\x", ""])
def test_a_name_that_leaves_the_folder_is_refused(server, ask, name):
    with pytest.raises(DermError, match="stays in the dataset's folder"):
        ask(served(server, "/1", "good", name))


def test_a_list_without_an_end_is_stopped(server, ask, monkeypatch):
    monkeypatch.setattr(listings, "LARGEST_PAGE", 1_000_000)
    with pytest.raises(DermError, match="longer than 1,000,000 bytes"):
        ask(server.serve("/1", http_servers.endless()))
