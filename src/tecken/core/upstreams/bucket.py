# SPDX-License-Identifier: MPL-2.0

"""The bucket of a source that is another symbol server: it has what that has sent, and asks it for the rest."""

from typing import Any, cast

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import parse_stored_key
from tecken.core.storage.base import Bucket, ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.upstreams.upstream import Upstream


def upstream_source(upstream: Upstream, url: str) -> Source:
    """Return the source of a server: its URL, and the keys of its cache."""
    cache = upstream.cache
    return Source(
        cache.name,
        url,
        cast("Bucket", _UpstreamBucket(upstream)),
        cache.prefix,
        cache.public,
        cache.region,
        cache.endpoint_url,
        upstream,
    )


class _UpstreamBucket:
    """The cache, but for ``head``, by which an object is looked for, and for its name in messages."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self.name = upstream.name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._upstream.cache.bucket, name)

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of an object, which is fetched if need be."""
        cache = self._upstream.cache
        prefix = f"{cache.prefix}/" if cache.prefix else ""
        try:
            symbol_key = parse_stored_key(key.removeprefix(prefix))
        except InvalidNameError:
            return cache.bucket.head(key)
        if cache.object_key(symbol_key) != key:
            return cache.bucket.head(key)
        return self._upstream.find(symbol_key)

    def check(self) -> None:
        """Ask the server, and then whether what it sends could be kept."""
        self._upstream.check()
        self._upstream.cache.bucket.check()
