import base64
import hashlib
import json
import random
import ssl
import subprocess
import time

import pytest

from derm_cli.data.downloading import resuming
from derm_cli.data.downloading.fetching import fetch
from derm_cli.data.downloading.http import new_session
from derm_cli.errors import DermError
from derm_cli.plugin import Download
from tests.support import http_servers

CONTENT = random.Random(7).randbytes(300_000)
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"


class Getting:
    def __init__(self, root):
        self.folder = root / "files"
        self.moved = 0

    def __call__(self, address, **told):
        def advance(count):
            self.moved += count

        with new_session() as session:
            return fetch(Download(name="set.zip", address=address, **told), self.folder, session, advance)

    def refused(self, address, **told):
        with pytest.raises(DermError) as caught:
            self(address, **told)
        assert not (self.folder / "set.zip").exists()
        return str(caught.value)

    @property
    def content(self):
        return (self.folder / "set.zip").read_bytes()

    @property
    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def get(tmp_path):
    return Getting(tmp_path)


@pytest.mark.parametrize("checksum", [SHA256, MD5, ""])
def test_a_file_comes_whole_with_its_facts(server, get, checksum):
    address = server.serve("/a", http_servers.whole(CONTENT))
    fetched = get(address, size=len(CONTENT), checksum=checksum)
    assert get.content == CONTENT
    assert (fetched.size, fetched.sha256, fetched.checked) == (len(CONTENT), SHA256[7:], checksum)
    assert get.names == ["set.zip"]
    assert get.moved == len(CONTENT)


@pytest.mark.parametrize("places", [[1], [150_000], [299_999], [10_000, 50_000, 100_000]])
def test_a_connection_that_is_cut_goes_on_after_the_last_byte(server, get, places):
    address = server.serve(
        "/a", *(http_servers.whole(CONTENT, after=place) for place in places), http_servers.whole(CONTENT)
    )
    get(address, checksum=SHA256)
    assert get.content == CONTENT
    begun = [sum(places[:count]) for count in range(len(places) + 1)]
    assert [each.range for each in server.of("/a")] == ["", *(f"bytes={start}-" for start in begun[1:])]
    assert sum(each.count for each in server.of("/a")) == len(CONTENT)
    assert get.moved == len(CONTENT)


def test_a_server_that_always_cuts_at_the_same_byte_is_given_up(server, get):
    address = server.serve("/a", http_servers.without_ranges(CONTENT, after=500))
    message = get.refused(address, checksum=SHA256)
    assert message.startswith(f"'{address}' could not be downloaded")
    assert "4 times in a row" in message
    assert len(server.of("/a")) == 4


def test_a_stop_while_pooch_compares_loses_nothing(server, get, monkeypatch):
    import pooch.core

    def stop(*_, **__):
        raise KeyboardInterrupt

    address = server.serve("/a", http_servers.whole(CONTENT))
    with monkeypatch.context() as patch:
        patch.setattr(pooch.core, "hash_matches", stop)
        with pytest.raises(KeyboardInterrupt):
            get(address, checksum=SHA256)
    assert get.names == ["set.zip.part", "set.zip.part.json"]
    get(address, checksum=SHA256)
    assert get.content == CONTENT
    assert get.names == ["set.zip"]
    assert sum(each.count for each in server.of("/a")) == len(CONTENT)


def test_a_file_system_without_links_will_do(server, get, monkeypatch):
    from pathlib import Path

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    get(server.serve("/a", http_servers.whole(CONTENT)), checksum=SHA256)
    assert get.content == CONTENT
    assert get.names == ["set.zip"]


def test_the_next_call_goes_on_with_what_is_there(server, get):
    address = server.serve("/a", http_servers.whole(CONTENT, after=100_000), http_servers.status(404))
    assert "404" in get.refused(address, checksum=SHA256)
    assert get.names == ["set.zip.part", "set.zip.part.json"]
    server.serve("/a", http_servers.whole(CONTENT))
    get(address, checksum=SHA256)
    assert get.content == CONTENT
    assert [each.count for each in server.of("/a")] == [100_000, 0, 200_000]


def test_a_file_that_changed_meanwhile_is_begun_again(server, get):
    other = CONTENT[::-1]
    address = server.serve("/a", http_servers.whole(CONTENT, after=100_000), http_servers.whole(other))
    get(address)
    assert get.content == other
    assert server.of("/a")[1].count == len(other)


def test_without_a_mark_or_checksum_a_file_is_begun_again(server, get):
    address = server.serve(
        "/a", http_servers.whole(CONTENT, after=100_000, etag=None), http_servers.whole(CONTENT, etag=None)
    )
    get(address)
    assert get.content == CONTENT
    assert [each.range for each in server.of("/a")] == ["", ""]


def test_a_weak_mark_is_none_but_a_date_is_one(server, get):
    date = {"Last-Modified": "Wed, 01 Jan 2020 00:00:00 GMT"}
    address = server.serve(
        "/a", http_servers.whole(CONTENT, 100_000, 'W/"1"', **date), http_servers.whole(CONTENT, None, 'W/"1"', **date)
    )
    get(address)
    assert get.content == CONTENT
    assert server.of("/a")[1].range == "bytes=100000-"


def test_notes_that_are_damaged_or_of_another_address_do_no_harm(server, get):
    address = server.serve("/a", http_servers.whole(CONTENT))
    get.folder.mkdir()
    for notes in ("{", "[1]", '{"address": "https://127.0.0.1/other", "etag": "\\"x\\""}', '{"unknown": 1}'):
        (get.folder / "set.zip").unlink(missing_ok=True)
        (get.folder / "set.zip.part").write_bytes(b"something else")
        (get.folder / "set.zip.part.json").write_text(notes)
        get(address)
        assert get.content == CONTENT


def test_a_server_without_ranges_sends_everything_again(server, get):
    address = server.serve(
        "/a", http_servers.without_ranges(CONTENT, after=100_000), http_servers.without_ranges(CONTENT)
    )
    get(address, checksum=SHA256)
    assert get.content == CONTENT


def test_a_range_that_was_not_asked_for_is_not_written(server, get):
    address = server.serve(
        "/a",
        http_servers.whole(CONTENT, after=100_000),
        http_servers.wrong_range(CONTENT, 90_000),
        http_servers.whole(CONTENT),
    )
    get(address)
    assert get.content == CONTENT
    assert [each.range for each in server.of("/a")] == ["", "bytes=100000-", ""]


def test_a_part_that_is_whole_needs_no_more_than_being_told_so(server, get):
    address = server.serve("/a", http_servers.whole(CONTENT))
    get.folder.mkdir()
    (get.folder / "set.zip.part").write_bytes(CONTENT)
    seen = {"address": address, "etag": f'"{MD5[4:]}"', "total": len(CONTENT)}
    (get.folder / "set.zip.part.json").write_text(json.dumps(seen))
    get(address, checksum=SHA256)
    assert get.content == CONTENT
    assert sum(each.count for each in server.of("/a")) == 0


def test_a_file_that_shrank_is_begun_again(server, get):
    other = CONTENT[:1000]
    refusal = http_servers.status(416, **{"Content-Range": "bytes */1000"})
    address = server.serve("/a", refusal, http_servers.whole(other))
    get.folder.mkdir()
    (get.folder / "set.zip.part").write_bytes(CONTENT)
    seen = {"address": address, "etag": '"x"', "total": len(CONTENT)}
    (get.folder / "set.zip.part.json").write_text(json.dumps(seen))
    get(address)
    assert get.content == other


def test_a_part_that_is_too_long_is_begun_again(server, get):
    address = server.serve("/a", http_servers.whole(CONTENT))
    get.folder.mkdir()
    (get.folder / "set.zip.part").write_bytes(CONTENT + b"more")
    seen = {"address": address, "etag": f'"{MD5[4:]}"', "total": len(CONTENT)}
    (get.folder / "set.zip.part.json").write_text(json.dumps(seen))
    get(address)
    assert get.content == CONTENT


def test_another_length_than_the_publishers_is_refused_before_the_body(server, get):
    address = server.serve("/a", http_servers.whole(CONTENT))
    assert get.refused(address, size=299_999).startswith(
        f"'{address}' has 300,000 bytes where 299,999 are expected: nothing was kept"
    )
    assert get.names == []


def test_a_length_that_lies_to_the_short_side_ends_where_it_says(server, get):
    address = server.serve("/a", http_servers.without_ranges(CONTENT, length_header=1000))
    assert "has the checksum" in get.refused(address, checksum=SHA256)
    assert get.names == []


def test_a_length_that_lies_to_the_long_side_is_given_up(server, get):
    address = server.serve("/a", http_servers.without_ranges(CONTENT, length_header=400_000))
    assert "could not be downloaded" in get.refused(address)


def test_an_endless_file_is_stopped(server, get, monkeypatch):
    monkeypatch.setattr(resuming, "LARGEST_UNSIZED", 1_000_000)
    address = server.serve("/a", http_servers.endless())
    assert "sends more than the 1,000,000 bytes" in get.refused(address)
    assert get.names == []
    assert "sends more than the 500 bytes" in get.refused(address, size=500)


def test_a_file_without_a_length_comes_whole_or_not_at_all(server, get):
    address = server.serve("/a", http_servers.chunked(CONTENT))
    get(address)
    assert get.content == CONTENT


def test_wrong_bytes_are_set_aside_with_both_checksums(server, get, tmp_path):
    wrong = b"\0" + CONTENT[1:]
    address = server.serve("/a", http_servers.whole(wrong))
    message = get.refused(address, size=len(CONTENT), checksum=SHA256)
    assert SHA256 in message
    assert f"sha256:{hashlib.sha256(wrong).hexdigest()}" in message
    (aside,) = (tmp_path / "refused").iterdir()
    assert aside.read_bytes() == wrong
    assert str(aside) in message
    server.serve("/a", http_servers.whole(CONTENT))
    get(address, size=len(CONTENT), checksum=SHA256)
    assert get.content == CONTENT


def test_the_checksum_that_google_tells_is_compared(server, get):
    told = base64.b64encode(bytes.fromhex(MD5[4:])).decode()
    good = http_servers.whole(CONTENT, **{"x-goog-hash": f"crc32c=AAAAAA==,md5={told}"})
    assert get(server.serve("/a", good)).checked == MD5
    (get.folder / "set.zip").unlink()
    wrong = http_servers.whole(CONTENT[::-1], **{"x-goog-hash": f"crc32c=AAAAAA==,md5={told}"})
    assert MD5 in get.refused(server.serve("/b", wrong))


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "answer",
    [
        http_servers.stalling(CONTENT, 0, 5),
        http_servers.stalling(CONTENT, 500, 5),
        http_servers.dripping(CONTENT, 0.02),
    ],
)
def test_a_server_that_stalls_or_drips_is_given_up(server, get, answer):
    address = server.serve("/a", answer)
    started = time.monotonic()
    assert "could not be downloaded" in get.refused(address)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 451])
def test_an_error_of_the_request_is_said_at_once(server, get, code):
    address = server.serve("/a", http_servers.status(code))
    message = get.refused(address)
    assert address in message
    assert str(code) in message
    assert len(server.sent) == 1


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server, get, code):
    address = server.serve("/a", http_servers.status(code), http_servers.status(code), http_servers.whole(CONTENT))
    get(address)
    assert len(server.sent) == 3
    server.sent.clear()
    address = server.serve("/b", http_servers.status(code))
    (get.folder / "set.zip").unlink()
    assert str(code) in get.refused(address)
    assert len(server.sent) == 4


def test_a_server_is_left_alone_for_as_long_as_it_asks(server, get):
    address = server.serve("/a", http_servers.status(503, **{"Retry-After": "0"}), http_servers.whole(CONTENT))
    get(address)
    (get.folder / "set.zip").unlink()
    for later in ("3600", "Fri, 01 Jan 2100 00:00:00 GMT"):
        address = server.serve("/b", http_servers.status(429, **{"Retry-After": later}))
        assert "asks to be left alone for" in get.refused(address)
    assert len(server.of("/b")) == 2
    address = server.serve("/c", http_servers.status(429, **{"Retry-After": "soon"}), http_servers.whole(CONTENT))
    get(address)


def test_redirects_are_followed_but_not_for_ever(server, get):
    server.serve("/b", http_servers.whole(CONTENT))
    get(server.serve("/a", http_servers.redirect("/b")), checksum=SHA256)
    assert get.content == CONTENT
    (get.folder / "set.zip").unlink()
    assert "leads on more than 10 times" in get.refused(server.serve("/c", http_servers.redirect("/c")))


@pytest.mark.parametrize("to", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "https://a:b@c/x"])
def test_a_redirect_to_what_is_not_encrypted_is_refused(server, get, to):
    message = get.refused(server.serve("/a", http_servers.redirect(to)))
    assert f"leads on to '{to}', which is not encrypted" in message


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """A server with a certificate of its own, made for the test."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http_servers.running(context) as server:
        yield server, certificate


def test_from_https_nothing_leads_to_http_not_even_on_this_machine(certified, server, get, monkeypatch):
    safe, certificate = certified
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    plain = server.serve("/b", http_servers.whole(CONTENT))
    message = get.refused(safe.serve("/a", http_servers.redirect(plain)))
    assert f"leads on to '{plain}', which is not encrypted" in message
    assert server.sent == []
    get(safe.serve("/c", http_servers.whole(CONTENT)), checksum=SHA256)
    assert get.content == CONTENT


def test_a_certificate_that_nobody_trusts_is_refused(certified, get):
    safe, _ = certified
    assert "no certificate that this machine trusts" in get.refused(safe.serve("/a", http_servers.whole(CONTENT)))
    assert safe.sent == []


def test_nobody_at_the_address(get, server):
    address = server.address
    with http_servers.running() as gone:
        address = gone.address
    assert "the connection failed or was cut, 4 times in a row" in get.refused(f"{address}/a")


def test_a_full_disk_is_told_before(server, get, monkeypatch):
    from derm_cli.data.downloading import space

    monkeypatch.setattr(space, "free_bytes", lambda folder: 100_200_000)
    message = get.refused(server.serve("/a", http_servers.whole(CONTENT)))
    assert "needs 300.0 kB" in message
    assert "100.2 MB are free" in message
