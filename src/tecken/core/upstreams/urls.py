# SPDX-License-Identifier: MPL-2.0

"""What the URL of another symbol server says: where it is, and how it is asked.

``https://host/path?layout=symsrv&credentials=NAME&at_once=4&rate=20``: a source is another server when its
query has ``layout``. ``credentials`` is the name of a variable, never a secret.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

PARAMETERS = frozenset({"layout", "credentials", "at_once", "rate"})
_NAME = re.compile(r"[A-Z0-9_]{1,64}")
# Where a name would stand: random, and no words.
_TOKEN = re.compile(r"(?=(?:.*\d){6})[A-Z0-9]{20,}")
# As this server takes it, behind whatever stands before it.
_TOKEN_IN_PATH = re.compile(r"/t/+[^/]")
_SECRET_PARAMETER = re.compile(
    r"token|secret|passw|pwd|credential|auth|api[-_]?key|access[-_]?key|^(key|sig|code|user|jwt)$|signature",
    re.IGNORECASE,
)
_PATH_PARAMETER = re.compile(r";([^=;/]+)=")
_MAX_AT_ONCE = 64
_MAX_RATE = 10_000


class Layout(StrEnum):
    """How a server's URLs are made of names and ids."""

    BREAKPAD = "breakpad"
    SYMSRV = "symsrv"
    DEBUGINFOD = "debuginfod"
    UNIFIED = "unified"


@dataclass(frozen=True, slots=True)
class UpstreamUrl:
    """Another server. ``base`` has no slash at its end; ``rate`` is in questions a second.

    ``at_once`` and ``rate`` are None where the URL does not say them; ``credentials`` may be "".
    """

    base: str
    layout: Layout
    credentials: str = ""
    at_once: int | None = None
    rate: int | None = None

    @property
    def host(self) -> str:
        """Its host, with a port where the URL has one."""
        return urlsplit(self.base).netloc

    @property
    def name(self) -> str:
        """What messages call it: ``symbols.example.com/path``."""
        return self.base.partition("://")[2]

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, by its address or as ``localhost``."""
        return is_loopback_host(urlsplit(self.base).hostname or "")


def is_upstream(url: str) -> bool:
    """Say whether the URL of a source names another symbol server."""
    parts = urlsplit(url)
    is_web = parts.scheme in {"http", "https"}
    return is_web and any(name == "layout" for name, _ in parse_qsl(parts.query, True))


def has_secret_parameter(url: str) -> bool:
    """Say whether the query or path of a URL has what looks like a secret by its name: ``?token=…``, ``;token=…``."""
    parts = urlsplit(url)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    names += _PATH_PARAMETER.findall(unquote(parts.path))
    return any(name not in PARAMETERS and _SECRET_PARAMETER.search(name) for name in names)


def origin_of(url: str) -> str:
    """Return what may be shown of a URL that nobody has checked: ``https://example.com:8080``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def is_loopback_host(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_upstream_url(url: str, *, allow_http: bool) -> UpstreamUrl:
    """Take the URL of another server apart. Raises ValueError; the message never has what it does not know."""
    parts = urlsplit(url)
    if parts.username or parts.password or "@" in parts.netloc or parts.fragment:
        raise ValueError(
            "has a user name, a password or a fragment; credentials=NAME takes them from a variable"
        )
    if _TOKEN_IN_PATH.search(unquote(parts.path)):
        raise ValueError("has a token in its path, which many would see; credentials=NAME sends it")
    if has_secret_parameter(url):
        raise ValueError(
            "has a parameter that looks like a secret, which many would see; credentials=NAME sends it"
        )
    query = parse_qsl(parts.query, keep_blank_values=True)
    if len({name for name, _ in query}) != len(query) or {name for name, _ in query} - PARAMETERS:
        known = ", ".join(sorted(PARAMETERS))
        raise ValueError(f"has a query with more than {known}, each once")
    values = dict(query)
    try:
        layout = Layout(values["layout"])
    except ValueError:
        raise ValueError(f"has a layout that is none of {', '.join(Layout)}") from None
    found = UpstreamUrl(
        f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}",
        layout,
        _credentials(values),
        _number(values, "at_once", _MAX_AT_ONCE),
        _number(values, "rate", _MAX_RATE),
    )
    if parts.scheme == "http" and not allow_http and not found.is_loopback:
        raise ValueError(
            "is http, by which everybody on the way can read and change what is sent; "
            "use https, or set DJANGO_UPSTREAM_ALLOW_HTTP"
        )
    return found


def _credentials(values: dict[str, str]) -> str:
    name = values.get("credentials", "")
    if name and (not _NAME.fullmatch(name) or _TOKEN.fullmatch(name)):
        raise ValueError(
            "has credentials that are no name of capital letters, digits and _; the secret itself is set in "
            "DJANGO_UPSTREAM_CREDENTIALS_<NAME>"
        )
    return name


def _number(values: dict[str, str], name: str, most: int) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise ValueError(f"has {name} that is no number from 1 to {most}")
    return int(text)
