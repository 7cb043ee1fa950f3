# SPDX-License-Identifier: MPL-2.0

"""How fast a symbol file is indexed and made seekable, against gzip level 6 of the same text.

``python -m benchmarks.index_and_compress FILE.sym[.gz] ...``

The baseline is zlib, as gzip and Python use it. Beside it: the floor (ISA-L's deflate level 2 of the
same text, without flush points and index) and MD5, which an upload computes too. All on one core.
"""

import argparse
import hashlib
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

from isal import isal_zlib

from benchmarks.harness import MEGABYTE, describe_run, gunzip, read_text, seconds_of, take_turns
from tecken.core.symbols.index_file import save_index
from tecken.core.symbols.seekable import SeekableWriter

_CHUNK_BYTES = 256 * 1024


def write_seekable(text: bytes) -> tuple[int, int]:
    """Index and compress; return the sizes of the object and of its index."""
    sizes: list[int] = []
    writer = SeekableWriter(lambda chunk: sizes.append(len(chunk)), object_id="0" * 32)
    for start in range(0, len(text), _CHUNK_BYTES):
        writer.feed(text[start : start + _CHUNK_BYTES])
    return sum(sizes), len(save_index(writer.finish()))


def check(text: bytes) -> None:
    """Check what is timed: the object is the text, compressed."""
    chunks: list[bytes] = []
    writer = SeekableWriter(chunks.append, object_id="0" * 32)
    writer.feed(text)
    writer.finish()
    assert gunzip(b"".join(chunks)) == text


def deflate(text: bytes, compressor: "zlib._Compress | isal_zlib.Compress") -> int:
    """Compress in chunks; return the size."""
    size = 0
    for start in range(0, len(text), _CHUNK_BYTES):
        size += len(compressor.compress(text[start : start + _CHUNK_BYTES]))
    return size + len(compressor.flush())


def measure(path: Path, runs: int) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    check(text)
    ours, baseline, floor, md5 = take_turns(
        [
            lambda: seconds_of(lambda: write_seekable(text)),
            lambda: seconds_of(lambda: deflate(text, zlib.compressobj(6, zlib.DEFLATED, 31))),
            lambda: seconds_of(lambda: deflate(text, isal_zlib.compressobj(2))),
            lambda: seconds_of(lambda: hashlib.md5(text, usedforsecurity=False)),
        ],
        runs,
    )
    size = len(text) / MEGABYTE
    object_bytes, index_bytes = write_seekable(text)
    zlib_bytes = deflate(text, zlib.compressobj(6, zlib.DEFLATED, 31))
    print(f"{path.name}, {size:.0f} MB of text ({describe_run(text)}; median of {runs})")
    print(f"  index and compress   {size / ours:7.0f} MB/s   {baseline / ours:5.1f} x the baseline")
    print(f"  gzip level 6 (zlib)  {size / baseline:7.0f} MB/s   the baseline")
    print(
        f"  ISA-L level 2        {size / floor:7.0f} MB/s   the floor: {ours / floor:.2f} x its time"
    )
    print(f"  MD5                  {size / md5:7.0f} MB/s")
    print(
        f"  object {object_bytes / MEGABYTE:.1f} MB ({object_bytes / zlib_bytes:.2f} x of gzip's), "
        f"index {index_bytes / 1000:.0f} kB"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="Index and compress against gzip level 6.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for path in options.files:
        measure(path, options.runs)


if __name__ == "__main__":
    main(sys.argv[1:])
