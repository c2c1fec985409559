"""A real HTTP server on this machine that serves given content, and misbehaves as asked.

A path has a list of answers, one a request; the last answers all that follow.  ``sent`` tells, for each request, its
method, path, header Range, and how many bytes of a body were sent.
"""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socketserver
    import ssl

    import pytest

Answer = Callable[["Handler"], None]


@dataclass
class Sent:
    method: str
    path: str
    range: str
    count: int = 0


@dataclass
class Server:
    address: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def serve(self, path: str, *answers: Answer) -> str:
        """Answer requests of ``path`` so, and return its address."""
        self.answers[path] = list(answers)
        return self.address + path

    def of(self, path: str, method: str = "GET") -> list[Sent]:
        return [each for each in self.sent if each.path == path and each.method == method]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    record: Server
    note: Sent

    def answer(self) -> None:
        self.note = Sent(self.command, self.path, self.headers.get("Range", ""))
        self.record.sent.append(self.note)
        answers = self.record.answers.get(self.path) or [status(404)]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        try:
            answer(self)
        except OSError:
            self.close_connection = True

    do_GET = do_HEAD = answer  # noqa: N815

    def head(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def body(self, content: bytes) -> None:
        if self.command == "HEAD":
            return
        for start in range(0, len(content), 65536):
            part = content[start : start + 65536]
            self.wfile.write(part)
            self.note.count += len(part)

    def log_message(self, *_: object) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def answering(server: socketserver.BaseServer) -> Iterator[None]:
    """Have a server answer in a thread of its own while a ``with`` block is worked on; it is not closed."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(5)


@contextmanager
def running(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = _Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    record = Server(f"{scheme}://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = type("Recording", (Handler,), {"record": record})
    with server, answering(server):
        yield record


def whole(content: bytes, after: int | None = None, etag: str | None = "", **headers: str) -> Answer:
    """Serve ``content`` with ranges as the standard says; the connection is cut after so many bytes, if told."""
    mark = f'"{hashlib.md5(content).hexdigest()}"' if etag == "" else etag

    def answer(handler: Handler) -> None:
        range_match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        all_headers = dict(headers) | ({"ETag": mark} if mark else {})
        fresh = handler.headers.get("If-Range") in (None, mark, all_headers.get("Last-Modified"))
        if range_match and fresh and int(range_match[1]) >= len(content):
            handler.head(416, all_headers | {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
            return
        start = int(range_match[1]) if range_match and fresh else 0
        if range_match and fresh:
            all_headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        rest = content[start:]
        handler.head(206 if range_match and fresh else 200, all_headers | {"Content-Length": str(len(rest))})
        handler.body(rest if after is None else rest[:after])
        if after is not None and after < len(rest):
            handler.wfile.flush()
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)

    return answer


def without_ranges(content: bytes, after: int | None = None, length_header: int | None = None) -> Answer:
    """Serve all of ``content`` whatever was asked, telling ``length_header`` for its length."""

    def answer(handler: Handler) -> None:
        length = len(content) if length_header is None else length_header
        handler.head(200, {"Content-Length": str(length), "ETag": '"fixed"'})
        handler.body(content if after is None else content[:after])
        handler.close_connection = True

    return answer


def wrong_range(content: bytes, start: int) -> Answer:
    """Answer whatever range was asked for with the one from ``start``."""

    def answer(handler: Handler) -> None:
        rest = content[start:]
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.head(206, {"Content-Length": str(len(rest)), "Content-Range": span})
        handler.body(rest)

    return answer


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.head(code, {"Content-Length": "0"} | headers)


def redirect(to: str) -> Answer:
    return status(302, Location=to)


def stalling(content: bytes, after: int, seconds: float) -> Answer:
    """Send so many bytes, then nothing."""

    def answer(handler: Handler) -> None:
        handler.head(200, {"Content-Length": str(len(content)), "ETag": '"stalls"'})
        handler.body(content[:after])
        handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def dripping(content: bytes, pause: float) -> Answer:
    """Send a byte at a time."""

    def answer(handler: Handler) -> None:
        handler.head(200, {"Content-Length": str(len(content)), "ETag": '"drips"'})
        for position in range(len(content)):
            handler.body(content[position : position + 1])
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def endless(chunk: bytes = b"x" * 65536) -> Answer:
    """Send chunks without an end; a client that takes 64 MB of them is cut off, lest a broken one fills the disk."""

    def answer(handler: Handler) -> None:
        handler.head(200, {"Transfer-Encoding": "chunked"})
        handler.close_connection = True
        while handler.note.count < 64 * 2**20:
            handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            handler.note.count += len(chunk)

    return answer


def chunked(content: bytes) -> Answer:
    """Send without telling a length."""

    def answer(handler: Handler) -> None:
        handler.head(200, {"Transfer-Encoding": "chunked"})
        handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n0\r\n\r\n")
        handler.note.count += len(content)

    return answer


def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whoever looks up or connects to another host."""
    lookup, connect = socket.getaddrinfo, socket.socket.connect

    def looked_up(host: object, *rest: object, **more: object) -> object:
        assert host in ("127.0.0.1", "localhost", "::1", None), f"another host was looked up: {host!r}"
        return lookup(host, *rest, **more)

    def connected(self: socket.socket, address: object) -> None:
        assert not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1"), f"another host: {address!r}"
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket.socket, "connect", connected)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
