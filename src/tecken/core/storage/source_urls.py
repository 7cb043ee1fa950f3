# SPDX-License-Identifier: MPL-2.0

"""What the URL of a source says: which location it is, and where its try symbols go.

``https://host/bucket/prefix`` has its bucket first and its prefix after it; of
``file:///folder/bucket?prefix=p`` the whole path is the bucket.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_AMAZON_HOST = re.compile(
    r"s3(?:[.-](?:dualstack\.)?(?P<region>[a-z]+(?:-[a-z]+)+-[0-9]+))?\.amazonaws\.com(?:\.cn)?"
)
_AMAZON_FIRST_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a source keeps its objects; two URLs of one location differ only in how they are read."""

    host: str
    bucket: str
    prefix: str


def location_of(url: str) -> Location:
    """Return the location a URL names: host, bucket and prefix, without its query's ``access``."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        prefix = parse_qs(parts.query).get("prefix", [""])[-1]
        return Location("", "/" + unquote(parts.path).strip("/"), prefix.strip("/"))
    host = parts.hostname or ""
    if parts.port not in {None, _DEFAULT_PORTS.get(parts.scheme)}:
        host = f"{host}:{parts.port}"
    bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
    return Location(host, bucket, prefix)


@dataclass(frozen=True, slots=True)
class S3Server:
    """Which S3 server a URL names: Amazon's own by its region, any other by its endpoint."""

    region: str | None
    endpoint_url: str | None


def s3_server_of(url: str) -> S3Server:
    """Return the server of an http or https URL.

    ``https://s3-us-west-2.amazonaws.com/…`` and ``https://s3.us-west-2.amazonaws.com/…`` are
    Amazon's in us-west-2; any other host is a server that speaks the same protocol.
    """
    parts = urlsplit(url)
    amazon = _AMAZON_HOST.fullmatch(parts.hostname or "")
    if amazon:
        return S3Server(amazon["region"] or _AMAZON_FIRST_REGION, None)
    return S3Server(None, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")


def without_query(url: str) -> str:
    """Return a URL as it may be shown: ``?…`` stands for a query, which may have a secret."""
    location, mark, _ = url.partition("?")
    return f"{location}?…" if mark else location


def is_public(url: str) -> bool:
    """Say whether the URL asks for plain reads without credentials: ``?access=public``."""
    return "public" in parse_qs(urlsplit(url).query).get("access", [])


def signed_url_of(url: str) -> str:
    """Return the URL of the same location for one who has credentials: to write, they are needed."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] != "access"]
    return urlunsplit(parts._replace(query=urlencode(kept))) if is_public(url) else url


def try_url_of(url: str) -> str:
    """Return the URL for try symbols beside ``url``: ``try`` comes right after the bucket.

    ``https://host/bucket/p`` gives ``https://host/bucket/try/p``, ``file:///f/bucket?prefix=p``
    gives ``file:///f/bucket?prefix=try/p``.
    """
    parts = urlsplit(url)
    prefix = "/".join(filter(None, ["try", location_of(url).prefix]))
    if parts.scheme == "file":
        return urlunsplit(parts._replace(query=f"prefix={quote(prefix)}"))
    bucket = parts.path.strip("/").partition("/")[0]
    return urlunsplit(parts._replace(path=f"/{bucket}/{quote(prefix)}"))
