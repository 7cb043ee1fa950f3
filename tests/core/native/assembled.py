# SPDX-License-Identifier: MPL-2.0

"""ELF files with debug information that no compiler writes."""

import struct
from pathlib import Path

TEXT = 0x1000  # where the code is
TEXT_BYTES = 0x100000

_NOTE = struct.pack("<III4s20s", 4, 20, 3, b"GNU\0", bytes(range(20)))


def leb(number: int) -> bytes:
    """Return an unsigned number of variable length."""
    text = bytearray()
    while number > 127:
        text.append(number & 127 | 128)
        number >>= 7
    return bytes([*text, number])


def elf(path: Path, sections: dict[str, bytes]) -> Path:
    """Write an executable with some sections."""
    names, body, headers = b"\0", b"", [bytes(64)]
    everything = [
        (".note.gnu.build-id", 7, 2, 0x200, _NOTE),
        (".text", 8, 6, TEXT, bytes(TEXT_BYTES)),
        *((name, 1, 0, 0, data) for name, data in sections.items()),
    ]
    for name, kind, flags, address, data in everything:
        offset = 64 + len(body)
        headers.append(
            struct.pack("<IIQQQQIIQQ", len(names), kind, flags, address, offset, len(data), 0, 0, 1, 0)
        )  # fmt: skip
        names += name.encode() + b"\0"
        body += data if kind != 8 else b""
    headers.append(struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64 + len(body), len(names), 0, 0, 1, 0))
    body += names
    header = b"\x7fELF\2\1\1" + bytes(9)
    header += struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, 64 + len(body), 0, 64, 56, 0, 64, len(headers), len(headers) - 1
    )  # fmt: skip
    path.write_bytes(header + body + b"".join(headers))
    return path


def abbreviations(*declarations: tuple[int, bool, list[tuple[int, int]]]) -> bytes:
    """Return a table of (tag, has children, attributes and forms), with codes from 1 on."""
    table = b""
    for code, (tag, has_children, attributes) in enumerate(declarations, 1):
        table += leb(code) + leb(tag) + bytes([has_children])
        table += b"".join(leb(name) + leb(form) for name, form in [*attributes, (0, 0)])
    return table + b"\0"


def unit(entries: bytes) -> bytes:
    """Return a unit of version 4 with some entries."""
    body = struct.pack("<HIB", 4, 0, 8) + entries
    return struct.pack("<I", len(body)) + body


def line_program(program: bytes) -> bytes:
    """Return a line program of version 4 with one file."""
    names = b"\1\1\1\xfb\x0e\x0d" + b"\0\1\1\1\1\0\0\0\1\0\0\1" + b"\0a.c\0\0\0\0\0"
    text = struct.pack("<HI", 4, len(names)) + names + program
    return struct.pack("<I", len(text)) + text
