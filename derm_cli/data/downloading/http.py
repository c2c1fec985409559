"""One request over HTTP: redirects that stay encrypted, errors as sentences, and what may be tried again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from derm_cli.errors import DermError
from derm_cli.plugin.downloads import is_safe

if TYPE_CHECKING:
    import requests

REDIRECTS = 10
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses (RFC 9110, 6585) after which the same request may do: the server is busy, or something on the way is."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.  Times in seconds.

    ``attempts`` in a row may bring less than ``progress`` bytes each; between them ``pause``, doubled each time up to
    ``longest``, or what the server asks for if that is not longer.  Of a body, ``slowest`` bytes a second must come
    over any ``read`` seconds.
    """

    attempts: int = 6
    pause: float = 1.0
    longest: float = 60.0
    connect: float = 15.0
    read: float = 60.0
    slowest: float = 256.0
    progress: int = 65_536

    def wait(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row, from 1."""
        return min(self.pause * 2.0 ** (failures - 1), self.longest)


PATIENCE = Patience()


class PassingError(Exception):
    """What may be over at the next attempt.  ``after`` are the seconds that the server asks to be left alone."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class MissingFileError(DermError):
    """The server has no such file."""


def new_session() -> requests.Session:
    """Return a session that says who asks, and takes files as they are."""
    import requests

    from derm_cli import __version__

    session = requests.Session()
    session.headers.update({"User-Agent": f"derm/{__version__}", "Accept-Encoding": "identity"})
    return session


@contextmanager
def opened(
    session: requests.Session, address: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Iterator[requests.Response]:
    """Give the response (status 200, 206 or 416) of ``address``, its body not yet read.

    Redirects are followed to https alone.  Raises DermError for what will not do at another attempt either
    (MissingFileError where the server has no such file), and PassingError for what may.
    """
    with translated(address):
        response = _follow(session, address, dict(headers or {}), method)
    with response:
        status = response.status_code
        if status in PASSING:
            raise PassingError(f"the server answered {status} {response.reason}".strip(), _retry_after(response))
        if status not in (200, 206, 416):
            kind = MissingFileError if status in (404, 410) else DermError
            raise kind(
                f"'{address}' cannot be downloaded: the server answered {status} {response.reason or ''}".rstrip()
                + "; give the command again, and if it stays so, see whether the publisher has moved it."
            )
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise DermError(f"'{address}' is sent in an encoding that was not asked for: nothing was kept of it.")
        yield response


def _follow(session: requests.Session, address: str, headers: dict[str, str], method: str) -> requests.Response:
    at = address
    for _ in range(REDIRECTS + 1):
        response = session.request(
            method,
            at,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=(PATIENCE.connect, PATIENCE.read),
        )
        target = response.headers.get("Location")
        if response.status_code not in (301, 302, 303, 307, 308) or not target:
            return response
        response.close()
        following = urljoin(at, target)
        if not is_safe(following) or (at.startswith("https:") and not following.startswith("https:")):
            raise DermError(
                f"'{address}' leads on to '{following}', which is not encrypted: nothing was downloaded from there."
            )
        at = following
    raise DermError(f"'{address}' leads on more than {REDIRECTS} times: nothing was downloaded.")


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn the network libraries' exceptions into PassingError, or DermError where a certificate is not trusted."""
    import requests
    import urllib3

    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        raise DermError(
            f"The server of '{address}' has no certificate that this machine trusts ({error.__class__.__name__}): "
            "see to the machine's date and to REQUESTS_CA_BUNDLE if there is a proxy."
        ) from error
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise PassingError("the server did not answer in time") from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise DermError(f"'{address}' is no address that can be asked.") from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise PassingError("the connection failed or was cut") from error


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds of the header Retry-After, a number or a date (RFC 9110, 10.2.3); None without one."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isdecimal():
        return float(told[:9])
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
