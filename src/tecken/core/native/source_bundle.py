# SPDX-License-Identifier: MPL-2.0

"""What a source bundle is: ``SYSB``, a version, and a zip whose ``manifest.json`` tells of the module.

Source: Sentry's documentation of source bundles; the JSON as its tools write it.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.identifiers import is_hex_id
from tecken.core.native.content import Content
from tecken.core.native.kinds import Identified, Kind, Role, features

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MANIFEST = "manifest.json"
_MAX_ID_DIGITS = 128
_MAX_MANIFEST_BYTES = 32 * 1024 * 1024
_MAX_DIRECTORY_BYTES = 32 * 1024 * 1024
_READ_BYTES = 1024 * 1024  # at once, as the zip may be far away
_MAX_END_BYTES = 22 + 65_535  # of the record at the end of a zip, with its comment
_Known = TypeVar("_Known", bound=msgspec.Struct)
_UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    OverflowError,  # a buffered file takes no offset beyond 63 bits
    RuntimeError,
    ValueError,
    zlib.error,
)


class _Manifest(msgspec.Struct):
    """What is read of a manifest; ``files`` may be very many, and their texts are not kept."""

    files: dict[str, msgspec.Raw] = {}
    debug_id: str = ""
    code_id: str = ""
    arch: str = ""
    object_name: str = ""


_DECODER = msgspec.json.Decoder(_Manifest)


def identify_source_bundle(content: Content, name: str) -> Identified:
    """Return what a source bundle is. Raises NativeFileError."""
    with opened_bundle(content) as archive:
        manifest = decoded_manifest(archive, _DECODER, _MAX_MANIFEST_BYTES)
    debug_id = _hex(manifest.debug_id)
    if not debug_id:
        raise MalformedNativeFileError("its manifest names no debug id")
    if len(debug_id) == 32:
        debug_id += "0"
    code_id = _hex(manifest.code_id)
    object_name = manifest.object_name.replace("\\", "/").rpartition("/")[2]
    return Identified(
        kind=Kind.SOURCEBUNDLE,
        role=Role.SOURCEBUNDLE,
        arch=manifest.arch,
        debug_file=object_name or name,
        debug_id=debug_id,
        code_id=code_id,
        native_id=(code_id or debug_id).lower(),
        has=features(sources=bool(manifest.files)),
    )


def _hex(text: str) -> str:
    """Return an id in upper case without its dashes; "" for what is none."""
    digits = text.replace("-", "").upper()
    return digits if len(digits) <= _MAX_ID_DIGITS and is_hex_id(digits) else ""


@contextmanager
def opened_bundle(content: Content) -> Iterator[zipfile.ZipFile]:
    """Open the zip of a source bundle. Raises NativeFileError, also for what is raised while it is used."""
    _check_directory(content)
    try:
        with zipfile.ZipFile(BufferedReader(_ContentFile(content), _READ_BYTES)) as archive:
            yield archive
    except _UNREADABLE as error:
        raise MalformedNativeFileError(f"it is no source bundle: {error}") from error


def decoded_manifest(
    archive: zipfile.ZipFile, decoder: msgspec.json.Decoder[_Known], max_bytes: int
) -> _Known:
    """Return what a decoder reads of the manifest of a bundle, which may have so many bytes. Raises NativeFileError."""
    try:
        if archive.getinfo(_MANIFEST).file_size > max_bytes:
            raise UnsupportedNativeFileError("its manifest is too large")
        with archive.open(_MANIFEST) as file:
            text = file.read(max_bytes)
        return decoder.decode(text)
    except KeyError:
        raise MalformedNativeFileError("it has no manifest.json") from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MalformedNativeFileError(f"it is no source bundle: {error}") from error


def _check_directory(content: Content) -> None:
    """Refuse a zip whose directory would take much memory; the standard library reads it whole."""
    start = max(0, content.size - _MAX_END_BYTES)
    end = content.cut(start, content.size)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise MalformedNativeFileError("it is no source bundle: there is no zip in it")
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    if size > _MAX_DIRECTORY_BYTES or end[at - 20 : at - 16] == b"PK\x06\x07":
        raise UnsupportedNativeFileError("it has too many files")


class _ContentFile(RawIOBase):
    """Bytes as a file that can be read anywhere."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._position, self._content.size)[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        start = min(self._position, self._content.size)
        data = self._content.cut(start, min(start + len(room), self._content.size))
        room[: len(data)] = data
        self._position = start + len(data)
        return len(data)
