# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What the URL of a source says: which place it is, and where its try symbols go.

``https://host/bucket/prefix`` has its bucket first and its prefix after it; of
``file:///folder/bucket?prefix=p`` the whole path is the bucket.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source keeps its objects; two URLs of one place differ only in how they are read."""

    host: str
    bucket: str
    prefix: str


def place_of(url: str) -> Place:
    """Return the place a URL names: host, bucket and prefix, without its query's ``access``."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        prefix = parse_qs(parts.query).get("prefix", [""])[-1]
        return Place("", "/" + unquote(parts.path).strip("/"), prefix.strip("/"))
    host = parts.hostname or ""
    if parts.port not in {None, _DEFAULT_PORTS.get(parts.scheme)}:
        host = f"{host}:{parts.port}"
    bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
    return Place(host, bucket, prefix)


def try_url_of(url: str) -> str:
    """Return the URL for try symbols beside ``url``: ``try`` comes right after the bucket.

    ``https://host/bucket/p`` gives ``https://host/bucket/try/p``, ``file:///f/bucket?prefix=p``
    gives ``file:///f/bucket?prefix=try/p``.
    """
    parts = urlsplit(url)
    prefix = "/".join(filter(None, ["try", place_of(url).prefix]))
    if parts.scheme == "file":
        return urlunsplit(parts._replace(query=f"prefix={quote(prefix)}"))
    bucket = parts.path.strip("/").partition("/")[0]
    return urlunsplit(parts._replace(path=f"/{bucket}/{quote(prefix)}"))
