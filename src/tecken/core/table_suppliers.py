# SPDX-License-Identifier: MPL-2.0

"""Find the symbol table of a symbol key in an ordered list of sources.

For our own objects, whose metadata names their index, the index is read and then single blocks. If
they are remote, on another server, the node keeps both, and the nodes share the index. Anything
else that lies in a bucket is streamed once, indexed, and kept in the node's tier: at first as text,
as an answer waits for it, and later as a seekable copy, which also goes to the tier that nodes share
and, where the bucket is ours, beside the object.

An object that turns out to be damaged is an entry like any other, so it is not streamed again. What
cannot be asked for is left alone for a moment.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from math import inf
from types import MappingProxyType
from typing import NoReturn, Self

from tecken.core.concurrency.later import Later, now
from tecken.core.concurrency.single_flight import SingleFlight
from tecken.core.errors import (
    InvalidNameError,
    MalformedSymbolFileError,
    ObjectChangedError,
    ObjectNotFoundError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader
from tecken.core.locating.generations import GenerationsAtOnce, ReadableGenerations
from tecken.core.locating.locator import Found, Locator, MissGenerations
from tecken.core.locating.lone_ids import LONE_IDS
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.sources import Source
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.keeping import KeepingReader
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader, DropCopy, ReadRanges
from tecken.core.symbols.table import BreakpadTable
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.tiers.node_entries import NodeEntries
from tecken.core.tiers.shared import SharedTier
from tecken.core.tiers.written_back import WrittenBack

# How many modules of a request are looked for together when that takes round trips.
_MODULES_AT_ONCE = 16
# For how long it is believed where a key is, or that it is nowhere: others may write to the buckets, too.
_FOUND_SECONDS = 30
_MISSING_SECONDS = 60
# A table that reads a text keeps that on disk; other processes learn by asking again that it is not
# needed any more.
_TEXT_SECONDS = 10.0
_NOTHING_WRITTEN = WrittenBack({})
_NO_CODE_IDS: Mapping[tuple[str, str], str] = MappingProxyType({})


class Supplier:
    """Finds symbol tables; one per process. ``sources`` are asked in order.

    ``pauses`` are those of the process, in which uploads and downloads tell of answers.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        memory: MemoryTier,
        node: NodeTier,
        locator: Locator,
        shared: SharedTier | None = None,
        *,
        pauses: SourcePauses | None = None,
        later: Later = now,
        written: WrittenBack = _NOTHING_WRITTEN,
    ) -> None:
        self._sources = sources
        self._memory = memory
        self._node = node
        self._locator = locator
        self._generations: ReadableGenerations = locator.generations
        self._written = written
        self._pauses = pauses or SourcePauses()
        self._code_ids: Mapping[SymbolKey, str] = {}
        self._opening: SingleFlight[BreakpadTable] = SingleFlight()
        self._entries = NodeEntries(memory, node, shared, self._pauses, written, later)
        self._reader = Reader(
            "symbolication", _FOUND_SECONDS, _MISSING_SECONDS, folders=True, pauses=self._pauses
        )

    @property
    def modules_at_once(self) -> int:
        """More than one where storage is remote; where it is near, threads only cost."""
        is_far = any(source.remote or source.upstream for source in self._sources)
        return _MODULES_AT_ONCE if is_far else 1

    def memory_taken(self) -> tuple[int, int]:
        """Return how many tables are in memory, and about what they take in bytes."""
        return self._memory.taken()

    def for_modules(
        self,
        modules: Iterable[tuple[str, str]],
        code_ids: Mapping[tuple[str, str], str] = _NO_CODE_IDS,
    ) -> Self:
        """Return this supplier for one request of these modules (debug file and debug id).

        It has the generations of all their keys, read at once, and their code ids as far as they are known.
        """
        supplier = copy(self)
        supplier._code_ids = {
            key: code_id for module, code_id in code_ids.items() for key in _keys_of([module])
        }
        keys = map(str, _keys_of(modules))
        supplier._generations = GenerationsAtOnce(self._generations, [*keys, LONE_IDS])
        return supplier

    def table_of(self, key: SymbolKey, log: ReadLog) -> BreakpadTable:
        """Return the table of the first source that has the key.

        Raises ObjectNotFoundError, MalformedSymbolFileError, and StorageError when a source that
        comes before any that has the key could not be asked; ObjectChangedError when what was found
        is not there any more, so that it is worth another try. The table raises that, too.
        """
        made_under = MissGenerations(*self._generations.read([str(key), LONE_IDS]))
        code_id = self._code_ids.get(key, "")
        found = self._locator.find_symbols(
            key, self._sources, self._reader, made_under, code_id, with_try=True
        )
        with self._expecting(found):
            return self._table_at(found, log)

    def table_in_memory(self, key: SymbolKey, log: ReadLog) -> BreakpadTable | None:
        """Return the table of a key if it is opened, and it is remembered that it is the right one.

        Raises ObjectNotFoundError when it is remembered that no source has the key.
        """
        generation, of_lone_ids = self._generations.read([str(key), LONE_IDS])
        try:
            found = self._locator.known(key, self._sources, self._reader, generation)
        except ObjectNotFoundError:
            made_under = MissGenerations(generation, of_lone_ids)
            if self._locator.other_key(key, made_under, with_try=True) is None:
                raise
            return None
        if found is None:
            return None
        table = self._memory.get(found.identity)
        if table is not None:
            log.note("memory", "hit")
        return table

    def derive(self, missing: Sequence[SymbolKey]) -> set[SymbolKey]:
        """Have symbols derived that were not found, where native files lie beside; return which will be there soon."""
        made_under = dict(zip(missing, self._generations.read(map(str, missing)), strict=True))
        return self._locator.derive(made_under, with_try=True)

    def trim(self) -> int:
        """Keep the memory tier within its bounds, after lookups; return about how many bytes it takes."""
        return self._memory.trim()

    @contextmanager
    def _expecting(self, found: Found) -> Iterator[None]:
        """Have the key looked for again when the object that was found has changed or gone.

        That it has gone does not mean that no source has the key. Of several threads that see it, each
        has to look again, and raises ObjectChangedError.
        """
        try:
            yield
        except (ObjectChangedError, ObjectNotFoundError) as error:
            self._locator.forget(found)
            raise ObjectChangedError(error.source, found.info.key) from error

    def _table_at(self, found: Found, log: ReadLog) -> BreakpadTable:
        table = self._memory.get(found.identity)
        log.note("memory", "miss" if table is None else "hit")
        if table is None:
            # Several threads that come at once share the table, and what the first looks up in it.
            table = self._opening.do(found.identity, partial(self._open_and_keep, found, log))
        return table

    def _open_and_keep(self, found: Found, log: ReadLog) -> BreakpadTable:
        table, seconds = self._open(found, log)
        if table.index.malformed is None:
            self._memory.put(found.identity, table, seconds)
        return table

    def _open(self, found: Found, log: ReadLog) -> tuple[BreakpadTable, float]:
        """Open a table, and say for how many seconds it may be kept."""
        if not found.source.remote and (index := self._entries.stored_index(found, log)):
            return BreakpadTable(index, self._reader_of(found, index)), inf
        entry = self._entries.entry_of(found, log)
        if entry.copy is None:
            return BreakpadTable(entry.index, self._reader_of(found, entry.index)), inf
        drop_copy = partial(self._drop_copy, found)
        reader = BlockReader(entry.index, entry.copy, drop_copy, cached=True)
        if entry.as_text:
            return BreakpadTable(entry.index, reader, in_turn=True), _TEXT_SECONDS
        return BreakpadTable(entry.index, reader), inf

    def _reader_of(self, found: Found, index: SymbolIndex) -> BlockReader:
        """Return what reads the object, or the copy of it that lies beside it."""
        drop_copy: DropCopy | None = None
        read_ranges: ReadRanges = partial(self._read_object, found)
        made_id = self._written.id_of(found.source, found.info)
        if index.encoding == "gzip" and index.object_id == made_id:
            drop_copy = partial(self._drop_written, found, index)
            read_ranges = partial(self._read_copy, found, index)
        if not found.source.remote:
            return BlockReader(index, read_ranges, drop_copy)
        kept = self._node.kept_blocks(found.identity, index)
        return KeepingReader(index, read_ranges, kept, drop_copy)

    def _read_object(self, found: Found, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        source, info = found.source, found.info
        with self._expecting(found), self._pauses.asking(source, found.key):
            return source.bucket.read_ranges(info.key, ranges, if_match=info.etag)

    def _read_copy(
        self, found: Found, index: SymbolIndex, ranges: Sequence[tuple[int, int]]
    ) -> list[bytes]:
        copy_key = self._written.copy_key(found.source, found.key, index)
        try:
            with self._pauses.asking(found.source, found.key):
                return found.source.bucket.read_ranges(copy_key, ranges)
        except ObjectNotFoundError as error:
            raise MalformedSymbolFileError("the copy beside the object is gone") from error

    def _drop_copy(self, found: Found, log: ReadLog) -> NoReturn:
        """Forget a damaged copy, and have the caller try again, which makes a new one."""
        log.note("node", "damaged")
        self._memory.drop(found.identity)
        self._node.drop(found.identity)
        raise ObjectChangedError(found.source.bucket.name, found.info.key)

    def _drop_written(self, found: Found, index: SymbolIndex, log: ReadLog) -> NoReturn:
        """Do so with a copy that lies beside its object."""
        self._written.drop(found.source, found.key, index)
        self._drop_copy(found, log)


def _keys_of(modules: Iterable[tuple[str, str]]) -> Iterable[SymbolKey]:
    for module in modules:
        with suppress(InvalidNameError):
            yield SymbolKey.of_module(*module)
