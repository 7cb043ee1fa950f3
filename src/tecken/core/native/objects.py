# SPDX-License-Identifier: MPL-2.0

"""What is wanted of an executable or debug file, whatever its format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final, NamedTuple

from tecken.core.native.cfi import UnwindReader, UnwindRecords, UnwindSection
from tecken.core.native.content import Content

MAX_SYMBOLS: Final = 8_000_000  # of a table; the largest seen has 1.2 million


class CodeSymbol(NamedTuple):
    """A function of a symbol table: ``address`` as linked, ``size`` 0 where it is not known."""

    address: int
    size: int
    name: bytes


class ObjectFile(ABC):
    """An executable, a library, or a file with their debug information.

    ``kind`` is the format, ``"elf"`` or ``"macho"``; ``os`` (``"Linux"``, ``"mac"``) and ``arch`` (``"x86_64"``) are as
    Breakpad calls them; ``order`` is that of bytes, ``"<"`` or ``">"``. ``base_address`` is where the module begins, as
    linked, and ``code_ranges`` has start and end of all parts with code, in order. ``code_id`` is the build id or UUID in
    upper-case hexadecimal digits; ``debug_id`` and it are None where there is none. ``alternate_id`` is the build id of
    the file of dwz that has a part of the debug information.
    """

    kind: str
    os: str
    arch: str
    order: str
    address_size: int
    base_address: int
    code_ranges: list[tuple[int, int]]
    code_id: str | None
    debug_id: str | None
    alternate_id: str | None = None
    has_debug_info: bool

    @abstractmethod
    def debug_section(self, name: str) -> Content | None:
        """Return the content of a section with debug information: that of ``.debug_<name>``."""

    @abstractmethod
    def exception_frames(self) -> tuple[Content, int] | None:
        """Return the content and the address of ``.eh_frame``, which executables have."""

    @abstractmethod
    def symbols(self) -> Iterator[CodeSymbol]:
        """Yield the functions of its symbol tables."""

    def unwind_records(self) -> Iterator[UnwindRecords]:
        """Yield the unwind records that this file has itself. Raises NativeFileError, IndexError, struct.error."""
        found = []
        if frames := self.exception_frames():
            found.append(UnwindSection(*frames, is_eh_frame=True))
        if debug_frame := self.debug_section("frame"):
            found.append(UnwindSection(debug_frame, 0, is_eh_frame=False))
        for section in found:
            yield from UnwindReader(section, self.arch, self.order, self.address_size).records()
