# SPDX-License-Identifier: MPL-2.0

"""The error of ISA-L's inflaters, and its reader of gzip files, under names with a type."""

from io import BufferedReader, RawIOBase
from typing import Protocol, cast

from isal import isal_zlib
from isal.igzip import IGzipFile

# The library's type hints call the class an instance of Exception.
InflateError = cast("type[Exception]", isal_zlib.error)


class _OpenGzip(Protocol):
    def __call__(self, *, fileobj: RawIOBase, mode: str) -> BufferedReader:
        """Open a stream."""


# The library has no hints for it at all.
open_gzip = cast("_OpenGzip", IGzipFile)
