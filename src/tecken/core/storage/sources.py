# SPDX-License-Identifier: MPL-2.0

"""Sources: the locations that URLs name, and where in them a symbol key lies.

``file:///data/symbols?prefix=try`` is the folder bucket ``/data/symbols`` (its whole path is the
bucket), ``https://host/bucket/prefix?access=public`` an S3 bucket that anyone may read. An object lies at ``[<url prefix>/]<symbol file prefix>/<symbol key>``, its symbol index
under ``.index`` instead of beside it, so that no URL of a symbol file can name an index. What has arrived of an
upload that goes on later lies under ``.parts``.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Bucket, ObjectInfo
from tecken.core.storage.filesystem import FolderBucket
from tecken.core.storage.keys import check_object_key
from tecken.core.storage.s3_options import S3Access, S3Options
from tecken.core.storage.source_urls import is_public, location_of, s3_server_of, without_query

INDEX_FOLDER = ".index"
PARTS_FOLDER = ".parts"
_FOLDER_FORM = "file:///folder/bucket"
_S3_FORM = "https://host/bucket/prefix"
_DEFAULT_OPTIONS = S3Options()
# What the client sends at all. Amazon's rule is narrower today, but not for buckets that are old,
# nor is it that of other servers.
_S3_BUCKET_NAME = re.compile(r"[a-zA-Z0-9._-]{1,255}")


class UnsupportedSourceError(ValueError):
    """A URL that names no source; the message has it without its query, and says why."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{without_query(url)!r} {reason}")
        self.url = url


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """The key of an index, and what that says: whose it is, and of which version."""

    key: str
    object_key: str
    object_id: str


class OtherServer(Protocol):
    """Another symbol server, whose files come into a source's bucket when they are asked for."""

    @property
    def is_paused(self) -> bool:
        """Whether it is left alone for a moment."""

    def find(self, key: SymbolKey, code_id: str = "") -> ObjectInfo:
        """Return the object of a key, after having fetched it if need be; ``code_id`` helps to find it.

        Raises ObjectNotFoundError, ObjectPendingError, StorageUnavailableError.
        """

    def kept(self, key: SymbolKey) -> ObjectInfo:
        """Return the object of a key that was fetched before. Raises StorageError."""

    def forget(self, key: SymbolKey) -> None:
        """Forget that it has not got a key."""


@dataclass(frozen=True, slots=True)
class Source:
    """One location that is asked for symbols, or that uploads write to.

    ``name`` is unique, stable and safe in a URL (``symbols-1a2b3c4d``); ``prefix`` is ``"v1"``,
    ``"try/v1"`` or empty; ``public`` tells that anyone may read the bucket over plain HTTP. Of an
    S3 bucket at Amazon the ``region`` is known, of any other the ``endpoint_url``. Where there is an
    ``upstream``, the bucket keeps what that has sent.
    """

    name: str
    url: str
    bucket: Bucket
    prefix: str
    public: bool
    region: str | None = None
    endpoint_url: str | None = None
    upstream: OtherServer | None = None

    @property
    def remote(self) -> bool:
        """Whether each question to the bucket costs a round trip over the network."""
        return self.region is not None or self.endpoint_url is not None

    @property
    def is_told_of(self) -> bool:
        """Whether processes tell each other what the bucket has said: another server is asked as one on its own."""
        return self.remote and self.upstream is None

    def object_key(self, key: SymbolKey) -> str:
        """Return where a symbol key's object lies: ``"v1/xul.pdb/44E4…/xul.sym"``."""
        return self._below_prefix(str(key))

    def index_key(self, key: SymbolKey, object_id: str) -> str:
        """Return where the index of one version lies: ``"v1/.index/xul.pdb/44E4…/xul.sym/9f86…"``.

        ``object_id`` is in the object's metadata.
        """
        return self._below_prefix(f"{INDEX_FOLDER}/{key}/{object_id}")

    @property
    def index_prefix(self) -> str:
        """What the keys of all indexes begin with: ``"v1/.index/"``."""
        return self._below_prefix(f"{INDEX_FOLDER}/")

    def parse_index_key(self, key: str) -> StoredIndex | None:
        """Take apart what ``index_key`` made; None for a key that it does not make."""
        path, _, object_id = key.removeprefix(self.index_prefix).rpartition("/")
        if not key.startswith(self.index_prefix) or path.count("/") != 2:
            return None
        return StoredIndex(key, self._below_prefix(path), object_id)

    def part_key(self, upload_id: str, part_id: str) -> str:
        """Return where a part of an upload lies that is not complete: ``"v1/.parts/5f0c…/0-9f86…"``."""
        return f"{self.parts_prefix}{upload_id}/{part_id}"

    @property
    def parts_prefix(self) -> str:
        """What the keys of all parts begin with: ``"v1/.parts/"``."""
        return self._below_prefix(f"{PARTS_FOLDER}/")

    def _below_prefix(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path


def open_source(
    url: str,
    symbol_file_prefix: str,
    s3_options: S3Options = _DEFAULT_OPTIONS,
    min_free_bytes: int = 0,
) -> Source:
    """Make the source of a URL; the bucket is not touched.

    ``min_free_bytes`` stay free on the disk of a folder. Raises UnsupportedSourceError for a URL that is not understood.
    """
    scheme = urlsplit(url).scheme
    location = location_of(url)
    prefix = "/".join(filter(None, (location.prefix, symbol_file_prefix.strip("/"))))
    try:
        check_object_key(f"{prefix}/key" if prefix else "key")
    except InvalidNameError as error:
        raise UnsupportedSourceError(url, f"has the bad prefix {prefix!r}") from error
    if scheme == "file":
        return _folder_source(url, Path(location.bucket), prefix, min_free_bytes)
    if scheme in {"http", "https"} and location.host and location.bucket:
        return _s3_source(url, location.bucket, prefix, s3_options)
    raise UnsupportedSourceError(url, f"is neither {_FOLDER_FORM} nor {_S3_FORM}")


def _folder_source(url: str, folder: Path, prefix: str, min_free_bytes: int) -> Source:
    if urlsplit(url).netloc or len(folder.parts) < 2:
        raise UnsupportedSourceError(url, f"is not of the form {_FOLDER_FORM}")
    bucket = FolderBucket(folder, min_free_bytes=min_free_bytes)
    return Source(source_name(folder.name, url), url, bucket, prefix, public=False)


def _s3_source(url: str, bucket_name: str, prefix: str, options: S3Options) -> Source:
    # The client takes its time and memory to be imported; who has folders only does not need it.
    from tecken.core.storage.s3 import S3Bucket

    if not _S3_BUCKET_NAME.fullmatch(bucket_name):
        reason = (
            f"has the bucket name {bucket_name!r}; it may have letters, digits, '.', '-' and '_'"
        )
        raise UnsupportedSourceError(url, reason)
    server, public = s3_server_of(url), is_public(url)
    region = server.region or options.region
    bucket = S3Bucket(S3Access(bucket_name, region, server.endpoint_url, public, options))
    name = source_name(bucket_name, url)
    return Source(name, url, bucket, prefix, public, server.region, server.endpoint_url)


def prefix_warning(url: str, symbol_file_prefix: str) -> str | None:
    """Say what is odd about a source whose own prefix already ends in the symbol file prefix.

    The original documentation shows base URLs that end in ``/v1/``; the prefix is added to them.
    """
    own, added = location_of(url).prefix, symbol_file_prefix.strip("/")
    if not added or not f"/{own}".endswith(f"/{added}"):
        return None
    return f"{without_query(url)} already ends in {added!r}; its objects are expected below {own}/{added}/"


def source_name(bucket_name: str, url: str) -> str:
    """Return the name of the source that a URL names."""
    slug = re.sub(r"[^a-z0-9]+", "-", bucket_name.lower()).strip("-") or "bucket"
    return f"{slug}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
