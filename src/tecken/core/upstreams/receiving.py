# SPDX-License-Identifier: MPL-2.0

"""From an answer of another server to a file on disk: within limits, inflated, unpacked, and what it should be.

Nothing of a file is used before all of it has passed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from tecken.core.archives.inspection import Inspection, InspectionRules
from tecken.core.errors import (
    ArchiveRefusedError,
    MalformedSymbolFileError,
    NativeFileError,
    ProgramError,
    WrongFileError,
)
from tecken.core.external_programs.running import ProgramLimits, run_program
from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import Identified
from tecken.core.storage.digest import Digest
from tecken.core.symbols.scan import gunzip
from tecken.core.tempfiles.spooling import FreeSpace, spooling
from tecken.core.upstreams.client import Answer

_CHUNK_BYTES = 256 * 1024
_CABINET_SIGNATURE = b"MSCF"
_RATIO_FROM_BYTES = 16 * 1024 * 1024  # below, what a body inflates to is not compared with its size


@dataclass(frozen=True, slots=True)
class ReceivingRules:
    """What may be received: bytes as sent and inflated, and how many times more the latter may be.

    ``free_space`` is of the disk that temporary files go to; ``program_seconds`` bounds ``cabextract``.
    """

    max_bytes: int
    max_ratio: int
    free_space: FreeSpace
    inspection: InspectionRules
    cabextract: str = "cabextract"
    program_seconds: float = 300


def receive(answer: Answer, url_path: str, path: Path, rules: ReceivingRules) -> None:
    """Write a file to ``path``; one that comes in a cabinet, by its URL, is taken out of that.

    Raises WrongFileError for what can never be used, StorageUnavailableError for what did not arrive, NoRoomError.
    """
    if answer.length is not None and answer.length > rules.max_bytes:
        raise WrongFileError(
            f"it has {answer.length:,} bytes, and at most {rules.max_bytes:,} are fetched"
        )
    size = _write(_decoded(answer, rules), path, rules)
    if answer.size is not None and answer.size != size:
        raise WrongFileError(f"it has {size:,} bytes, and {answer.size:,} were announced")
    if url_path.endswith("_"):
        _unpack(unquote(url_path.partition("/")[0]), path, rules)


def check_symbols(path: Path, key: SymbolKey, rules: InspectionRules) -> Digest:
    """Read all of a symbol file; its MODULE line must have the id that was asked for. Raises WrongFileError."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        try:
            inspected = Inspection(file_chunks(file), size, key, rules).finish()
        except ArchiveRefusedError as error:
            raise WrongFileError(str(error)) from error
    if inspected.warning:
        raise WrongFileError(inspected.warning)
    return inspected.digest


def check_native(path: Path, name: str, key: SymbolKey, code_id: str = "") -> Identified:
    """Return what a native file is to the module that a key and a code id name. Raises WrongFileError."""
    try:
        modules = identify_file(path, name)
    except NativeFileError as error:
        raise WrongFileError(error.reason) from error
    for module in modules:
        if _is_of(module, key, code_id):
            return module
    ids = ", ".join(sorted({module.debug_id or module.native_id for module in modules}))
    raise WrongFileError(f"it is a file of another module, with the id {ids or '(none)'}")


def file_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file from its beginning."""
    file.seek(0)
    return iter(partial(file.read, _CHUNK_BYTES), b"")


def _is_of(module: Identified, key: SymbolKey, code_id: str) -> bool:
    if isinstance(key, NativeKey):
        return module.native_id == key.debug_id
    ids = {module.debug_id.upper(), module.code_id.upper()} - {""}
    if key.symbol_file.lower().endswith(".sym"):
        # Where all of the build id is known, all of it must be right.
        is_whole = (
            len(code_id) < 32 or len(module.code_id) < 32 or module.code_id.upper() == code_id
        )
        return module.debug_id.upper() == key.debug_id and is_whole
    return key.debug_id in ids


def _decoded(answer: Answer, rules: ReceivingRules) -> Iterator[bytes]:
    sent = _Counted(answer.chunks, rules.max_bytes)
    if answer.encoding in {"", "identity"}:
        yield from iter(partial(sent.read, _CHUNK_BYTES), b"")
        return
    if answer.encoding not in {"gzip", "x-gzip"}:
        raise WrongFileError(f"it is coded as {answer.encoding[:40]!r}, which was not asked for")
    size = 0
    try:
        for text in gunzip(sent):
            size += len(text)
            if size > max(_RATIO_FROM_BYTES, rules.max_ratio * sent.size):
                raise WrongFileError(f"it inflates to more than {rules.max_ratio} times its size")
            yield text
    except MalformedSymbolFileError as error:
        raise WrongFileError(error.reason) from error
    for _ in iter(partial(sent.read, _CHUNK_BYTES), b""):
        pass  # what follows must arrive, too


class _Counted:
    """The bytes of a body, as a file that is read once."""

    def __init__(self, chunks: Iterable[bytes], max_bytes: int) -> None:
        self._chunks = iter(chunks)
        self._max_bytes = max_bytes
        self._left = b""
        self.size = 0

    def read(self, size: int, /) -> bytes:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self.size += len(chunk)
            if self.size > self._max_bytes:
                raise WrongFileError(
                    f"it has more than the {self._max_bytes:,} bytes that are fetched at most"
                )
            self._left = chunk
        found, self._left = self._left[:size], self._left[size:]
        return found


def _write(chunks: Iterable[bytes], path: Path, rules: ReceivingRules) -> int:
    size = 0
    with spooling(), path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > rules.max_bytes:
                raise WrongFileError(f"it inflates to more than {rules.max_bytes:,} bytes")
            for portion in rules.free_space.portions(chunk):
                file.write(portion)
    return size


def _unpack(name: str, path: Path, rules: ReceivingRules) -> None:
    """Put what a cabinet has in its place. The program writes to standard output, so no name leads anywhere."""
    with path.open("rb") as file:
        beginning = file.read(len(_CABINET_SIGNATURE))
    if beginning != _CABINET_SIGNATURE:
        raise WrongFileError(f"it is not a cabinet: it begins with {beginning!r}")
    unpacked = path.with_name(f"{path.name}.unpacked")
    limits = ProgramLimits(rules.program_seconds, rules.max_bytes)
    command = [rules.cabextract, "--quiet", "--pipe", "--filter", name, str(path)]
    try:
        with unpacked.open("wb") as file:
            run_program(command, file, limits)
        if unpacked.stat().st_size == 0:
            raise WrongFileError(f"it is a cabinet that has no {name}")
        unpacked.replace(path)
    except ProgramError as error:
        raise WrongFileError(str(error)) from error
    finally:
        unpacked.unlink(missing_ok=True)
