# SPDX-License-Identifier: MPL-2.0

"""The sources in a source bundle, by the paths under which they were compiled."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from tecken.core.dialects.paths import canonical_path
from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.source_bundle import decoded_manifest, opened_bundle

_MAX_MANIFEST_BYTES = 16 * 1024 * 1024  # of some 80,000 files
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_CHUNK_BYTES = 64 * 1024


class _File(msgspec.Struct):
    path: str = ""


class _Manifest(msgspec.Struct):
    files: dict[str, _File] = {}


_DECODER = msgspec.json.Decoder(_Manifest)


@dataclass(frozen=True, slots=True)
class BundledFile:
    """Where a source lies in its bundle: ``header_at`` is where its header begins. Sizes in bytes."""

    header_at: int
    stored_size: int
    size: int
    is_deflated: bool

    def data_at(self, content: Content) -> int:
        """Return where its stored bytes begin. Raises MalformedNativeFileError."""
        data = content.cut(self.header_at, self.header_at + _LOCAL_HEADER.size)
        magic, name_size, extra_size = _LOCAL_HEADER.unpack(data)
        start: int = self.header_at + _LOCAL_HEADER.size + name_size + extra_size
        if magic != b"PK\3\4" or start + self.stored_size > content.size:
            raise MalformedNativeFileError("a file of the bundle is not where it should be")
        return start


def bundled_files(content: Content) -> dict[str, BundledFile]:
    """Return the sources of a bundle by their canonical paths. Raises NativeFileError.

    What is packed in another way than zips usually are is left out.
    """
    with opened_bundle(content) as archive:
        manifest = decoded_manifest(archive, _DECODER, _MAX_MANIFEST_BYTES)
        members = {info.filename: info for info in archive.infolist()}
    found = {}
    for name, file in manifest.files.items():
        info = members.get(name)
        if info and file.path and (bundled := _bundled(info)):
            found[canonical_path(file.path)] = bundled
    return found


def _bundled(info: zipfile.ZipInfo) -> BundledFile | None:
    is_deflated = info.compress_type == zipfile.ZIP_DEFLATED
    if not is_deflated and info.compress_type != zipfile.ZIP_STORED:
        return None
    return BundledFile(info.header_offset, info.compress_size, info.file_size, is_deflated)


def inflated(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield what was deflated, which has so many bytes and no more.

    Raises MalformedNativeFileError when it is damaged.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = size
    try:
        for chunk in chunks:
            data = chunk
            while left and data:
                text = inflater.decompress(data, min(left, _CHUNK_BYTES))
                data = inflater.unconsumed_tail
                left -= len(text)
                if text:
                    yield text
            if not left or inflater.eof:
                break
    except zlib.error as error:
        raise MalformedNativeFileError(f"a file of the bundle is damaged: {error}") from error
    if left:
        raise MalformedNativeFileError("a file of the bundle is shorter than it says")
