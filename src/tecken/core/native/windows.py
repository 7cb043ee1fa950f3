# SPDX-License-Identifier: MPL-2.0

"""Derive the text of a Breakpad symbol file from a PDB, its PE file, or both.

The library ``symbolic`` reads them; it comes with the extra ``native``, which not everybody installs. Damaged files
have made it panic and crash: where that matters, derive in a process that may die. Addresses are RVAs.

Functions, lines and frame data of 32-bit code are in the PDB; unwind information of 64-bit code, and the names of
exports, in the PE file.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.cache_text import CacheText
from tecken.core.native.content import Content
from tecken.core.native.demangling import one_line
from tecken.core.native.identify import identify_file, kind_of_file
from tecken.core.native.kinds import PORTABLE_PDB_MAGIC, Identified, Kind
from tecken.core.native.model import Derived, NativeFiles, Write, max_text_bytes
from tecken.core.native.symcache import SymbolCache
from tecken.core.tempfiles.checked_file import open_checked

if TYPE_CHECKING:
    from symbolic.debuginfo import Object

MISSING: Final = "its symbols cannot be derived: PDBs and PE files need the extra 'native', which is not installed here"


class _Room:
    """Lets so many bytes be written, to whatever files: a small PDB may name one long string very often."""

    def __init__(self, max_bytes: int) -> None:
        self._left_bytes = self._max_bytes = max_bytes

    def writing_to(self, file: IO[bytes]) -> Write:
        """Return what writes to a file. It raises UnsupportedNativeFileError."""

        def write(data: bytes) -> None:
            self._left_bytes -= len(data)
            if self._left_bytes < 0:
                raise UnsupportedNativeFileError(
                    f"its symbols have more than {self._max_bytes:,} bytes as text"
                )
            file.write(data)

        return write


class _Dumped(Protocol):
    """A cache of the library, which says nothing of its types."""

    def dump_into(self, f: IO[bytes]) -> None:
        """Write it to a file."""


@dataclass(frozen=True, slots=True)
class _Sources:
    """The files of one build of a module, and what they say of themselves."""

    pdb: Path | None
    pe: Path | None
    pdb_identity: Identified | None
    pe_identity: Identified | None

    @classmethod
    def find(cls, files: NativeFiles) -> "_Sources":
        """Tell files apart by what they are, whatever they were given as. Raises NativeFileError, and OSError."""
        found: dict[Kind, tuple[Path, Identified]] = {}
        for path in filter(None, (files.executable, files.debug)):
            (identity,) = identify_file(path, files.name)
            found[identity.kind] = (path, identity)
        pdb, pdb_identity = found.get(Kind.PDB, (None, None))
        pe, pe_identity = found.get(Kind.PE, (None, None))
        if set(found) - {Kind.PDB, Kind.PE}:
            raise UnsupportedNativeFileError("of its files one is of Windows, and one is not")
        if pdb and Content.of_file(pdb).cut(0, 4) == PORTABLE_PDB_MAGIC:
            raise UnsupportedNativeFileError("no symbols are derived from portable PDBs")
        return cls(pdb, pe, pdb_identity, pe_identity)

    @property
    def size(self) -> int:
        """How many bytes they have together."""
        return sum(path.stat().st_size for path in (self.pdb, self.pe) if path)

    @property
    def main(self) -> Identified:
        """What has the id: the PDB, if it is there. Raises NativeFileError."""
        main = self.pdb_identity or self.pe_identity
        if main is None or not main.debug_id:
            raise MalformedNativeFileError("it names no PDB, so nobody can ask for its symbols")
        if self.pe_identity and self.pe_identity.debug_id != main.debug_id:
            raise MalformedNativeFileError("the executable and the PDB are of two builds")
        return main


def is_of_windows(files: NativeFiles) -> bool:
    """Say whether it is a PDB or PE file, or both. Raises OSError."""
    paths = filter(None, (files.debug, files.executable))
    return any(kind_of_file(path) in {Kind.PDB, Kind.PE} for path in paths)


def derive_windows(files: NativeFiles, output: Path) -> Derived:
    """Write the symbols of a module to ``output``, and return what there is.

    Temporary files go beside it. Raises NativeFileError, UnsupportedNativeFileError without the library, and
    OSError.
    """
    sources = _Sources.find(files)
    main, pe = sources.main, sources.pe_identity
    code_id = pe.code_id if pe else ""
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".derive-") as name:
        folder = Path(name)
        cache_path, body_path = folder / "cache", folder / "body"
        unwind_path = folder / "unwind"
        _convert(sources, cache_path, unwind_path)
        with (
            open_checked(output, files.free_space, 1024 * 1024) as file,
            body_path.open("w+b") as body,
        ):
            head = f"MODULE windows {main.arch} {main.debug_id} ".encode()
            file.write(head + one_line(files.name.encode()) + b"\n")
            if sources.pe:
                code_file = one_line((files.code_file or sources.pe.name).encode())
                file.write(f"INFO CODE_ID {code_id} ".encode() + code_file + b"\n")
            file.write(b"INFO GENERATOR tecken\n")
            cache = SymbolCache(Content.of_file(cache_path))
            room = _Room(max_text_bytes(sources.size))
            text = CacheText(cache, room.writing_to(file), room.writing_to(body))
            text.write(with_functions=sources.pdb is not None)
            body.seek(0)
            shutil.copyfileobj(body, file, 1024 * 1024)
            unwind_records = _copy_unwind(unwind_path, file)
    return Derived(
        kind=main.kind,
        os="windows",
        arch=main.arch,
        debug_id=main.debug_id,
        code_id=code_id,
        functions=text.functions,
        publics=text.publics,
        unwind_records=unwind_records,
        has_lines=text.has_lines,
        lacks=() if sources.pdb else ("pdb",),
    )


def _convert(sources: _Sources, cache_path: Path, unwind_path: Path) -> None:
    """Have the library write the symbol cache, and unwind information as text."""
    path = sources.pdb or sources.pe
    if path is None:
        raise UnsupportedNativeFileError("there is neither a PDB nor a PE file")
    with _library_errors():
        module = _open(path)
        symbol_cache: _Dumped = module.make_symcache()
        with cache_path.open("wb") as file:
            symbol_cache.dump_into(file)
        with unwind_path.open("wb") as file:
            module.make_cficache().write_to(file)
            if not file.tell() and sources.pe and sources.pdb:
                _open(sources.pe).make_cficache().write_to(file)


def _open(path: Path) -> "Object":
    from symbolic.debuginfo import Archive

    for module in Archive.open(str(path)).iter_objects():
        return module
    raise MalformedNativeFileError("the library finds nothing in it")


@contextmanager
def _library_errors() -> Iterator[None]:
    """Raise errors of the domain for those of the library, and where it is not installed."""
    try:
        import symbolic  # noqa: F401 - it is loaded when it is used: 80 MB, which few processes need
        from symbolic.exceptions import SymbolicError
    except ImportError as error:
        raise UnsupportedNativeFileError(MISSING) from error
    try:
        yield
    except SymbolicError as error:
        reason = error.message.partition("\n")[0]
        if not reason or "panicked" in reason:  # and then it names a line of its own source
            reason = "the library that reads it gave up"
        raise MalformedNativeFileError(f"it is damaged: {reason}") from error


def _copy_unwind(path: Path, output: IO[bytes]) -> int:
    """Copy STACK records, and nothing else; return their number."""
    count = 0
    with path.open("rb") as records:
        for record in records:
            if record.startswith(b"STACK "):
                output.write(record)
                count += 1
    return count
