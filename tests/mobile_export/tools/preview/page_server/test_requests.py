"""What the server answers and refuses: its own host and origin, its own paths, and headers that bind the browser."""

from __future__ import annotations

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from derm_cli.plugin import DermError
from mobile_export.tools.preview.page_server import HEADERS, LOOPBACK, REFUSAL, PageServer, ServedPage, page_server
from tests.support.chromium import Chromium
from tests.support.http_servers import answering
from tests.support.made_bundles import DRAWN


def asked(
    server: PageServer, path: str = "/", method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of a request; ``Host`` is the server's own unless it is given."""
    with closing(http.client.HTTPConnection(LOOPBACK, server.port, timeout=10)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = {"Host": f"{LOOPBACK}:{server.port}"} | {name.replace("_", "-"): each for name, each in headers.items()}
        for name, value in given.items():
            if value:
                connection.putheader(name, value.format(port=server.port))
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {}),
        (200, {"Host": "localhost:{port}"}),
        (200, {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"}),
        (200, {"Origin": "http://localhost:{port}"}),
        (200, {"Sec_Fetch_Site": "none"}),
        # DNS rebinding: the name of a stranger's page, made to point here.
        (421, {"Host": "evil.example:{port}"}),
        (421, {"Host": "127.0.0.1.evil.example:{port}"}),
        (421, {"Host": "localhost.evil.example"}),
        (421, {"Host": "127.0.0.1"}),
        (421, {"Host": "127.0.0.1:1"}),
        (421, {"Host": "[::1]:{port}"}),
        (421, {"Host": ""}),
        (421, {"Origin": "http://evil.example"}),
        (421, {"Origin": "null"}),
        (421, {"Origin": "http://127.0.0.1:1"}),
        (421, {"Origin": "https://127.0.0.1:{port}"}),
        (421, {"Sec_Fetch_Site": "cross-site"}),
        # Another port of this machine is the same site, and no same origin.
        (421, {"Sec_Fetch_Site": "same-site"}),
    ],
)
@pytest.mark.parametrize("path", ["/", "/bundle/manifest.json"])
def test_it_answers_its_own_host_and_origin_alone(served, path, status, headers):
    found, _, body = asked(served, path, **headers)
    assert found == status
    assert (body == REFUSAL) == (status != 200)


def test_two_hosts_in_one_request_are_refused(served):
    with closing(socket.create_connection((LOOPBACK, served.port), timeout=10)) as connection:
        own, other = f"Host: {LOOPBACK}:{served.port}", "Host: evil.example"
        connection.sendall(f"GET / HTTP/1.1\r\n{own}\r\n{other}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/onnxruntime/ort.wasm.bundle.min.mjs", "text/javascript; charset=utf-8"),
        ("/onnxruntime/ort-wasm-simd-threaded.wasm", "application/wasm"),
        ("/bundle/manifest.json", "application/json"),
        ("/bundle/model.onnx", "application/octet-stream"),
        (f"/bundle/{DRAWN}", "image/png"),
        ("/?what=ever", "text/html; charset=utf-8"),
    ],
)
def test_its_paths_have_their_types_and_the_whole_content(served, path, kind):
    status, headers, body = asked(served, path)
    assert (status, headers["Content-Type"], int(headers["Content-Length"])) == (200, kind, len(body))
    without = asked(served, path, "HEAD")
    assert (without[0], without[1]["Content-Length"], without[2]) == (200, str(len(body)), b"")


@pytest.mark.parametrize(
    "path",
    [
        *("/index.html", "/static/", "/page_server.py", "/bundle", "/bundle/", "/bundle/vectors/expected.json"),
        *("/bundle/other.txt", "/bundle/../command.py", "/../../etc/passwd", "/bundle/%2e%2e/command.py"),
        *("/bundle/vectors/..%2f..%2fmanifest.json", "/onnxruntime/ort.min.js", "/favicon.ico", "/page.js%00.html"),
    ],
)
def test_nothing_else_is_served(served, bundle, path):
    assert (bundle / "vectors" / "expected.json").is_file()
    status, _, body = asked(served, path)
    assert (status, body) == (404, REFUSAL)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"])
def test_nothing_can_be_sent_to_it(served, method):
    status, headers, body = asked(served, "/", method)
    assert (status, body) == (501, REFUSAL)
    assert headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "more"), [("/", {}), ("/nothing", {}), ("/", {"Host": "evil.example"})])
def test_every_answer_binds_the_browser(served, path, more):
    _, headers, _ = asked(served, path, **more)
    policy = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["connect-src"] == policy["worker-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Server": "derm",
    }
    assert {name: headers[name].strip() for name in expected} == expected
    assert "Access-Control-Allow-Origin" not in headers


def test_the_page_has_no_script_and_no_style_of_its_own(served):
    _, _, body = asked(served)
    page = body.decode()
    assert page.count("<script") == page.count('<script type="module" src="page.js">') == 1
    assert "<style" not in page
    assert " style=" not in page
    assert " on" not in "".join(each.split(">")[0] for each in page.split("<")).replace(" one", "")


@pytest.mark.xdist_group("chromium")
def test_a_browser_that_was_led_here_by_another_name_gets_nothing(browser: Chromium, served: Any):
    """Browsers take every name below 'localhost' for this machine, as a name that was rebound would be."""
    browser.open(f"http://evil.localhost:{served.port}/")
    assert browser.value("document.body.innerText").strip() == REFUSAL.decode().strip()
    browser.open(f"http://localhost:{served.port}/")
    assert browser.value("document.title") == "derm preview"


@pytest.mark.xdist_group("chromium")
def test_another_page_of_the_same_browser_gets_nothing(browser: Chromium, served: Any):
    with page_server(ServedPage({"/": b"<!doctype html><title>other</title>"})) as other, answering(other):
        # The other page's own policy would stop it first.
        browser.call("Page.setBypassCSP", enabled=True)
        browser.open(other.address)
        asked_for = (
            f"fetch('{served.address}bundle/manifest.json', {{ mode: '{{}}' }}).then(() => 'got', () => 'refused')"
        )
        try:
            assert browser.value(asked_for.replace("{}", "cors")) == "refused"
            assert browser.value(asked_for.replace("{}", "no-cors")) == "refused"
        finally:
            browser.call("Page.setBypassCSP", enabled=False)


def test_it_listens_on_this_machine_alone(served):
    assert served.server_address[0] == "127.0.0.1"
    assert served.address == f"http://127.0.0.1:{served.port}/"


@pytest.mark.parametrize("taken", [True, False])
def test_a_port_that_cannot_be_had_is_a_sentence(served, taken):
    port = served.port if taken else 70_000
    said = rf"^Port '{port}' cannot be listened on \(.+\): give another with --port"
    with pytest.raises(DermError, match=said), page_server(ServedPage({"/": b""}), port):
        pass


def test_many_requests_at_once_are_answered(served):
    with ThreadPoolExecutor(8) as pool:
        assert {status for status, _, _ in pool.map(lambda _: asked(served, "/style.css"), range(40))} == {200}


def test_a_connection_that_says_nothing_keeps_nobody_waiting(served):
    with closing(socket.create_connection((LOOPBACK, served.port), timeout=10)):
        assert asked(served)[0] == 200
