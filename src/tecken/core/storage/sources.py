# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Sources: the places that URLs name, and where in them a symbol key lies.

``file:///data/symbols?prefix=try`` is the folder bucket ``/data/symbols`` (its whole path is the
bucket). An object lies at ``[<url prefix>/]<symbol file prefix>/<symbol key>``, its symbol index
under ``.index`` instead of beside it, so that no URL of a symbol file can name an index.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Bucket
from tecken.core.storage.filesystem import FolderBucket
from tecken.core.storage.keys import check_object_key
from tecken.core.storage.source_urls import place_of

INDEX_FOLDER = ".index"


class UnsupportedSourceError(ValueError):
    """A URL that names no source; the message has the URL and says why."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url!r} {reason}")
        self.url = url


@dataclass(frozen=True, slots=True)
class Source:
    """One place that is asked for symbols, or that uploads write to.

    ``name`` is unique, stable and safe in a URL (``symbols-1a2b3c4d``); ``prefix`` is ``"v1"``,
    ``"try/v1"`` or empty; ``public`` tells that anyone may read the bucket over plain HTTP.
    """

    name: str
    url: str
    bucket: Bucket
    prefix: str
    public: bool

    def object_key(self, key: SymbolKey) -> str:
        """Return where a symbol key's object lies: ``"v1/xul.pdb/44E4…/xul.sym"``."""
        return self._below_prefix(str(key))

    def index_key(self, key: SymbolKey, object_id: str) -> str:
        """Return where the index of one version lies: ``"v1/.index/xul.pdb/44E4…/xul.sym/9f86…"``.

        ``object_id`` is in the object's metadata.
        """
        return self._below_prefix(f"{INDEX_FOLDER}/{key}/{object_id}")

    def _below_prefix(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path


def open_source(url: str, symbol_file_prefix: str) -> Source:
    """Make the source of a URL; the bucket is not touched.

    Raises UnsupportedSourceError for a URL that is not understood.
    """
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise UnsupportedSourceError(url, "is not a file:// URL, the only supported kind")
    place = place_of(url)
    folder = Path(place.bucket)
    if parts.netloc or len(folder.parts) < 2:
        raise UnsupportedSourceError(url, "is not of the form file:///folder/bucket")
    prefix = "/".join(filter(None, (place.prefix, symbol_file_prefix.strip("/"))))
    try:
        check_object_key(f"{prefix}/key" if prefix else "key")
    except InvalidNameError as error:
        raise UnsupportedSourceError(url, f"has the bad prefix {prefix!r}") from error
    return Source(_source_name(folder.name, url), url, FolderBucket(folder), prefix, public=False)


def prefix_warning(url: str, symbol_file_prefix: str) -> str | None:
    """Say what is odd about a source whose own prefix already ends in the symbol file prefix.

    The original documentation shows base URLs that end in ``/v1/``; the prefix is added to them.
    """
    own, added = place_of(url).prefix, symbol_file_prefix.strip("/")
    if not added or not f"/{own}".endswith(f"/{added}"):
        return None
    return f"{url} already ends in {added!r}; its objects are expected below {own}/{added}/"


def _source_name(bucket_name: str, url: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", bucket_name.lower()).strip("-") or "bucket"
    return f"{slug}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
