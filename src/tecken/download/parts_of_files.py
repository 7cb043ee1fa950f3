# SPDX-License-Identifier: MPL-2.0

"""What debuggers ask for that is a part of a stored file: a section of an ELF file, a source of a source bundle."""

from collections import OrderedDict
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.core.errors import BusyError, CrowdedError, NativeFileError
from tecken.core.http_headers import ByteRange
from tecken.core.locating.locator import Found
from tecken.core.native.bundled_files import BundledFile, bundled_files, inflated
from tecken.core.native.elf import ElfFile
from tecken.core.native.ranged_content import RangedContent
from tecken.download.byte_answers import answer_bytes
from tecken.download.object_bytes import ObjectBytes, UnknownSizeError, cut_out

_MAX_KNOWN_SOURCES: Final = 100_000  # some 30 MB in each process
_BUSY = "too many read parts of its files at this moment; try again later"
# A thread for small requests is held while another server is asked where a part lies: of 16 half, and those of who
# waits for a moment, which is enough unless that server is slow.
_far_turns = WeightedSemaphore(8, patience_seconds=1, refusal=_BUSY, max_waiting=8)
_DEBUG_SECTIONS = (".debug_info", ".zdebug_info", ".debug_line", ".zdebug_line")


def section_answer(request: HttpRequest, found: Found, name: str) -> HttpResponseBase | None:
    """Answer with the bytes of a section as they stand in the file; None where it has none of that name.

    Raises StorageError.
    """
    try:
        with _turn_of(found):
            stored = ObjectBytes(found)
            section = _sections_of(stored).find(name)
    except (NativeFileError, UnknownSizeError):
        return None
    if section is None or section.offset + section.size > stored.size:
        return None
    start = section.offset
    response = answer_bytes(
        request,
        section.size,
        f'"{found.info.etag}-{start:x}-{section.size:x}"',
        found.info.last_modified,
        lambda part: stored.chunks(ByteRange(start + part.start, start + part.end)),
        is_far=stored.is_far,
    )
    response["X-DEBUGINFOD-SIZE"] = str(section.size)
    return response


def has_debug_information(found: Found) -> bool:
    """Say whether a file is an ELF file that has debug information in it: one that nobody has stripped.

    Raises StorageError.
    """
    return _has_debug_information(_Identified(found))


class _Identified:
    """A version of an object, as a key."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._identity = found.identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identified) and self._identity == other._identity


@lru_cache(maxsize=4096)
def _has_debug_information(identified: _Identified) -> bool:
    try:
        with _turn_of(identified.found):
            elf = _sections_of(ObjectBytes(identified.found))
            return any(elf.find(name) for name in _DEBUG_SECTIONS)
    except (NativeFileError, UnknownSizeError):
        return False


@contextmanager
def _turn_of(found: Found) -> Iterator[None]:
    """Wait until few others read in a bucket on another server. Raises CrowdedError."""
    with ExitStack() as turns:
        try:
            turns.enter_context(_far_turns.carrying(1 if found.source.remote else 0))
        except BusyError as error:
            raise CrowdedError(found.source.name, str(found.key), str(error)) from None
        yield


def _sections_of(stored: ObjectBytes) -> ElfFile:
    return ElfFile(RangedContent(stored.read, stored.size))


def source_answer(request: HttpRequest, found: Found, path: str) -> HttpResponseBase | None:
    """Answer with a source of a bundle, by its canonical path; None where it has none. Raises StorageError."""
    source = _source_of(found, path)
    if source is None:
        return None
    file = source.file
    etag = f'"{found.info.etag}-{file.header_at:x}"'
    response = answer_bytes(
        request,
        file.size,
        etag,
        found.info.last_modified,
        lambda part: cut_out(source.chunks(), part),
        is_far=source.stored.is_far,
    )
    response["X-DEBUGINFOD-SIZE"] = str(file.size)
    return response


def source_chunks(found: Found, path: str) -> Generator[bytes, None, None] | None:
    """Return the bytes of a source of a bundle, little by little, for a thread that reads them all; to be closed.

    None where it has none, or is damaged. Raises StorageError.
    """
    source = _source_of(found, path)
    return None if source is None else _in_turn(found, source)


def _in_turn(found: Found, source: "_Source") -> Generator[bytes, None, None]:
    with _turn_of(found), suppress(NativeFileError):
        yield from source.chunks()


@dataclass(frozen=True, slots=True)
class _Source:
    """A source in a stored bundle; its bytes begin at ``start``."""

    stored: ObjectBytes
    file: BundledFile
    start: int

    def chunks(self) -> Iterator[bytes]:
        data = self.stored.chunks(ByteRange(self.start, self.start + self.file.stored_size))
        return inflated(data, self.file.size) if self.file.is_deflated else data


def _source_of(found: Found, path: str) -> _Source | None:
    try:
        with _turn_of(found):
            stored = ObjectBytes(found)
            content = RangedContent(stored.read, stored.size)
            file = _sources.of(found, content).get(path)
            return None if file is None else _Source(stored, file, file.data_at(content))
    except (NativeFileError, UnknownSizeError):
        return None


class _KnownSources:
    """What the bundles have that were asked last: a debugger asks for one source after the other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of_bundles: OrderedDict[str, Mapping[str, BundledFile]] = OrderedDict()
        self._files = 0

    def of(self, found: Found, content: RangedContent) -> Mapping[str, BundledFile]:
        """Return the sources of a bundle. Raises NativeFileError, StorageError."""
        with self._lock:
            if found.identity in self._of_bundles:
                self._of_bundles.move_to_end(found.identity)
                return self._of_bundles[found.identity]
        files = bundled_files(content)
        with self._lock:
            if found.identity not in self._of_bundles:
                self._of_bundles[found.identity] = files
                self._files += len(files)
            while self._files > _MAX_KNOWN_SOURCES and len(self._of_bundles) > 1:
                self._files -= len(self._of_bundles.popitem(last=False)[1])
        return files


_sources = _KnownSources()
