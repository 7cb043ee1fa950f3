# SPDX-License-Identifier: MPL-2.0

"""The decompressors of zlib and of Zstandard, which are used alike, under names with a type."""

import sys
from typing import Protocol, cast

from isal import igzip_lib

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError


class Decompressor(Protocol):
    """Inflates a stream; what is left of its input it keeps."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether it can give nothing more without more input."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Return at most ``max_length`` bytes. Raises InflateError when the stream is damaged."""


# What both raise: EOFError when a stream goes on after its end. The library's type hints call its
# class an instance of Exception.
InflateError = (cast("type[Exception]", igzip_lib.error), ZstdError, EOFError)


def zlib_decompressor() -> Decompressor:
    """Return a new decompressor of a zlib stream (RFC 1950)."""
    return cast(Decompressor, igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB))


def zstd_decompressor() -> Decompressor:
    """Return a new decompressor of a Zstandard frame (RFC 8878)."""
    return cast(Decompressor, ZstdDecompressor())
