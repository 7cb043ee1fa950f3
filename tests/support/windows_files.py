# SPDX-License-Identifier: MPL-2.0

"""A DLL and its PDB, as clang and lld make them: see ``make_windows_files``."""

import struct
import zipfile
from itertools import chain
from pathlib import Path

from tecken.core.native.kinds import PDB_MAGIC

ARCHITECTURES = ["x64", "x86"]


def windows_file(name: str) -> bytes:
    """Return ``x64/sample.dll``, ``x64/sample.pdb``, ``x64/expected.json``, or those of ``x86``."""
    with zipfile.ZipFile(Path(__file__).parent / "native" / "windows.zip") as archive:
        return archive.read(name)


def with_large_stream(pdb: bytes, size: int, number: int = 3) -> bytes:
    """Return a PDB of which a stream claims to have so many bytes, one block again and again: the third is DBI."""
    head = struct.Struct("<IIIIII")
    at = len(PDB_MAGIC)
    block_size, free_map, _, directory_size, zero, map_block = head.unpack_from(pdb, at)
    directory = b"".join(
        pdb[block * block_size : (block + 1) * block_size]
        for (block,) in struct.iter_unpack(
            "<I", pdb[map_block * block_size :][: 4 * -(-directory_size // block_size)]
        )
    )
    (count,) = struct.unpack_from("<I", directory)
    sizes = list(struct.unpack_from(f"<{count}I", directory, 4))
    blocks, offset = [], 4 + 4 * count
    for one in sizes:
        length = -(-(one % 0xFFFF_FFFF) // block_size)
        blocks.append(struct.unpack_from(f"<{length}I", directory, offset))
        offset += 4 * length
    sizes[number] = size
    blocks[number] += blocks[number][-1:] * (-(-size // block_size) - len(blocks[number]))
    numbers = [count, *sizes, *chain.from_iterable(blocks)]
    directory = struct.pack(f"<{len(numbers)}I", *numbers)
    pages = -(-len(directory) // block_size)
    first = len(pdb) // block_size
    tail = directory.ljust(pages * block_size, b"\0")
    tail += struct.pack(f"<{pages}I", *range(first, first + pages)).ljust(block_size, b"\0")
    total = first + pages + 1
    fields = head.pack(block_size, free_map, total, len(directory), zero, total - 1)
    return PDB_MAGIC + fields + pdb[at + head.size :] + tail
