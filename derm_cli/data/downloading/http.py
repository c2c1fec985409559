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

MOST_REDIRECTS = 10
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses (RFC 9110, 6585) after which the same request may do: the server is busy, or something on the way is."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a server is waited for.  Times in seconds.

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


RETRY_POLICY = RetryPolicy()


class TransientError(Exception):
    """A failure that may be over at the next attempt.  ``after`` are the seconds that the server asks to wait."""

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
def open_response(
    session: requests.Session, address: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Iterator[requests.Response]:
    """Give the response (status 200, 206 or 416) of ``address``, its body not yet read.

    Redirects are followed to https alone.  Raises DermError for what will not do at another attempt either
    (MissingFileError where the server has no such file), and TransientError for what may.
    """
    with translate_network_errors(address):
        response = _follow(session, address, dict(headers or {}), method)
    with response:
        status = response.status_code
        if status in TRANSIENT_STATUSES:
            raise TransientError(f"the server answered {status} {response.reason}".strip(), _retry_after(response))
        if status not in (200, 206, 416):
            error_class = MissingFileError if status in (404, 410) else DermError
            raise error_class(
                f"'{address}' cannot be downloaded: the server answered {status} {response.reason or ''}".rstrip()
                + "; give the command again, and if it stays so, see whether the publisher has moved it."
            )
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise DermError(f"'{address}' is sent in an encoding that was not asked for: nothing was kept of it.")
        yield response


def _follow(session: requests.Session, address: str, headers: dict[str, str], method: str) -> requests.Response:
    current = address
    for _ in range(MOST_REDIRECTS + 1):
        response = session.request(
            method,
            current,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=(RETRY_POLICY.connect, RETRY_POLICY.read),
        )
        location = response.headers.get("Location")
        if response.status_code not in (301, 302, 303, 307, 308) or not location:
            return response
        response.close()
        next_address = urljoin(current, location)
        if not is_safe(next_address) or (current.startswith("https:") and not next_address.startswith("https:")):
            raise DermError(
                f"'{address}' leads on to '{next_address}', which is not encrypted: nothing was downloaded from there."
            )
        current = next_address
    raise DermError(f"'{address}' leads on more than {MOST_REDIRECTS} times: nothing was downloaded.")


@contextmanager
def translate_network_errors(address: str) -> Iterator[None]:
    """Turn the network libraries' exceptions into TransientError, or DermError where a certificate is not trusted."""
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
        raise TransientError("the server did not answer in time") from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise DermError(f"'{address}' is no address that can be asked.") from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise TransientError("the connection failed or was cut") from error


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds of the header Retry-After, a number or a date (RFC 9110, 10.2.3); None without one."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
