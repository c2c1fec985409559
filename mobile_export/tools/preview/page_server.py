"""Serves the page to a browser of this machine: from memory, under its own names, and nothing else.

A page of somebody else that is open in the same browser must not reach it: neither under the host's name that this
page's owner makes point here (DNS rebinding), nor as a part of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from derm_cli.plugin import DermError
from mobile_export.tools.preview.served_bundle import ServedBundle
from mobile_export.tools.preview.web_runtime import FILES

LOOPBACK: Final = "127.0.0.1"
STATIC: Final = Path(__file__).with_name("static")
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}
OTHER_TYPE: Final = "application/octet-stream"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
REFUSAL: Final = b"derm preview serves its own page, at its own address, and nothing else.\n"
POLICY: Final = {
    "default-src": "'none'",
    # What onnxruntime-web compiles; nothing that is written as text is ever run.
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS: Final = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_IDLE_SECONDS = 30


@dataclass(frozen=True)
class ServedPage:
    """All that is served: contents by path, with the ``/`` that they begin with."""

    contents: Mapping[str, bytes]

    @classmethod
    def of(cls, bundle: ServedBundle, runtime: Path) -> ServedPage:
        """Return the page of a bundle, with the files of onnxruntime-web in the folder ``runtime``."""
        contents = {f"/{each.name}": each.read_bytes() for each in STATIC.iterdir() if each.suffix in TYPES}
        contents["/"] = contents.pop("/index.html")
        contents |= {f"/onnxruntime/{name}": (runtime / name).read_bytes() for name in FILES}
        contents |= {f"/bundle/{quote(name)}": content for name, content in bundle.files.items()}
        return cls(contents)


class PageServer(ThreadingHTTPServer):
    """An HTTP server of one page, on the loopback interface alone; ``port`` 0 takes any that is free.

    Raises OSError where the port is taken.
    """

    daemon_threads = True
    # Another program's port must not be shared; the system gives free ones.
    allow_reuse_address = False

    def __init__(self, page: ServedPage, port: int = 0) -> None:
        self.page = page
        super().__init__((LOOPBACK, port), PageHandler)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """The page's address."""
        return f"http://{LOOPBACK}:{self.port}/"

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The names under which the page is asked for, as the header ``Host`` has them."""
        return frozenset(f"{name}:{self.port}" for name in (LOOPBACK, "localhost"))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that breaks off is no error."""


class PageHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD of the page's paths; anything else is refused."""

    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "derm", ""
    timeout = _IDLE_SECONDS

    def do_GET(self) -> None:
        """Send a content."""
        self._answer(sends=True)

    def do_HEAD(self) -> None:
        """Send what a GET would, without the content."""
        self._answer(sends=False)

    def _answer(self, *, sends: bool) -> None:
        if not self._is_own():
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, sends=sends)
            return
        path = urlsplit(self.path).path
        content = self.server.page.contents.get(path)
        if content is None:
            self._refuse(HTTPStatus.NOT_FOUND, sends=sends)
            return
        kind = TYPES.get(Path(path).suffix, OTHER_TYPE) if path != "/" else TYPES[".html"]
        self._send(HTTPStatus.OK, kind, content, sends=sends)

    def _is_own(self) -> bool:
        """Tell whether this page's own address was asked for, by this page itself or by nobody's."""
        origins = {f"http://{host}" for host in self.server.hosts}
        return (
            self.headers.get_all("Host", []) in [[host] for host in self.server.hosts]
            and self.headers.get("Origin") in {None, *origins}
            and self.headers.get("Sec-Fetch-Site") in {None, "same-origin", "none"}
        )

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse a request that is none that can be answered, with the same headers as all others."""
        self._refuse(HTTPStatus(code), sends=True)

    def _refuse(self, status: HTTPStatus, *, sends: bool) -> None:
        self._send(status, TEXT_TYPE, REFUSAL, sends=sends)

    def _send(self, status: HTTPStatus, kind: str, content: bytes, *, sends: bool) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if status != HTTPStatus.OK:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if sends:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing: what is looked at is nobody's business."""


@contextmanager
def page_server(page: ServedPage, port: int = 0) -> Iterator[PageServer]:
    """Open a server of a page, which is closed at the end.  Raises DermError where the port cannot be had."""
    try:
        server = PageServer(page, port)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DermError(
            f"Port '{port}' cannot be listened on ({reason}): give another with --port, or leave it out for any that "
            "is free."
        ) from error
    with server:
        yield server
