# SPDX-License-Identifier: MPL-2.0

"""What each source says of a symbol key at this moment, whatever is remembered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tecken.core.errors import ObjectNotFoundError, StorageError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source
from tecken.web.sources import all_sources, try_source


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a source says of a key.

    ``found`` is None when it could not be asked, and then ``error`` says why; ``size`` is in bytes as
    stored.
    """

    name: str
    bucket_name: str
    try_symbols: bool
    found: bool | None
    error: str | None = None
    size: int | None = None
    etag: str | None = None
    last_modified: datetime | None = None


def source_states(key: SymbolKey) -> Iterator[SourceState]:
    """Ask every source, in order."""
    for source in all_sources():
        yield _state(source, key, try_symbols=source == try_source())


def _state(source: Source, key: SymbolKey, *, try_symbols: bool) -> SourceState:
    named = (source.name, source.bucket.name, try_symbols)
    try:
        if source.upstream is not None:
            info = source.upstream.kept(key)  # nobody has asked for the file itself
        else:
            info = source.bucket.head(source.object_key(key))
    except ObjectNotFoundError:
        return SourceState(*named, found=False)
    except StorageError as error:
        return SourceState(*named, found=None, error=error.reason)
    return SourceState(
        *named, found=True, size=info.size, etag=info.etag, last_modified=info.last_modified
    )
