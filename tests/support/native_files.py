# SPDX-License-Identifier: MPL-2.0

"""Small native files: one of a compiler's with its debug file, and headers of other kinds, made byte by byte."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from uuid import UUID

_FOLDER = Path(__file__).parent / "native"
PROGRAM = (_FOLDER / "crash").read_bytes()  # stripped
PROGRAM_DEBUG = (_FOLDER / "crash.debug").read_bytes()
PROGRAM_FULL = (_FOLDER / "crash.full").read_bytes()  # what both were made of
PROGRAM_FAR = (_FOLDER / "crash.far").read_bytes()  # the same, of a folder with a long name
FAR_FOLDER = "/" + 47 * "far-" + "away"
PROGRAM_SHARED_DEBUG = (_FOLDER / "crash.alt.debug").read_bytes()  # a part of it is in
ALTERNATE = (_FOLDER / "alternate").read_bytes()
ALTERNATE_ID = "00112233445566778899aabbccddeeff00112233"
BUILD_ID = "c6be8361e29a54ceecfa6fca10f44c9c51011ab4"
DEBUG_ID = "6183BEC69AE2CE54ECFA6FCA10F44C9C0"

_COMPILED = Path(__file__).parents[1] / "core" / "native" / "files.zip"


def compiled(name: str) -> bytes:
    """Return one of the files that compilers made for the tests of the readers."""
    with zipfile.ZipFile(_COMPILED) as archive:
        return archive.read(name)


GUID = UUID("44e4ec8c-2f41-492b-9369-d6b9a059577c")
_BLOCK = 512


def pe(
    *, pdb: bytes = b"c:\\build\\xul.pdb", age: int = 2, has_debug_directory: bool = True
) -> bytes:
    """Return the headers of a 64-bit DLL, and a debug directory that names a PDB."""
    record = b"RSDS" + GUID.bytes_le + struct.pack("<I", age) + pdb + b"\0"
    directories = [(0, 0)] * 16
    directories[3] = (0x1000, 12)
    directories[6] = (0x1000, 28) if has_debug_directory else (0, 0)
    entry = struct.pack("<IIHHIIII", 0, 0, 0, 0, 2, len(record), 0x101C, 0x200 + 28)
    optional = struct.pack("<H54xI48xI", 0x20B, 0x12000, 16)
    optional += b"".join(struct.pack("<II", *one) for one in directories)
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0x5CF2591C, 0, 0, len(optional), 0x2022)
    section = struct.pack("<8sIIIIIIHHI", b".rdata", 0x1000, 0x1000, 0x200, 0x200, 0, 0, 0, 0, 0)
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0"
    return (head + coff + optional + section).ljust(0x200, b"\0") + entry + record.ljust(256, b"\0")


def pdb(*, info_age: int = 7, dbi_age: int = 2) -> bytes:
    """Return a PDB with its streams of information and of debug information."""
    info = struct.pack("<III16s", 20000404, 0, info_age, GUID.bytes_le)
    sizes = [4, 0, 0, 4, 0, 0, 0]  # modules, contributions, map, sources, types, -, debug header
    dbi = struct.pack("<iIIHHHHHH", -1, 19990903, dbi_age, 5, 0, 6, 0, 7, 0)
    dbi += struct.pack("<iiiiiIiiHHI", *sizes[:5], 0, 22, 0, 0, 0x8664, 0)
    streams = struct.pack("<11H", *[0xFFFF] * 8, 9, 0xFFFF, 0xFFFF)
    dbi += bytes(4) + bytes(4) + streams
    directory = struct.pack("<5I", 4, 0, len(info), 0, len(dbi)) + struct.pack("<2I", 4, 5)
    magic = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0"
    blocks = [
        magic + struct.pack("<IIIIII", _BLOCK, 1, 6, len(directory), 0, 2),
        b"",
        struct.pack("<I", 3),
        directory,
        info,
        dbi,
    ]
    return b"".join(block.ljust(_BLOCK, b"\0") for block in blocks)


def portable_pdb() -> bytes:
    """Return the head of a portable PDB, with its ``#Pdb`` stream alone."""
    version = b"PDB v1.0".ljust(12, b"\0")
    root = b"BSJB" + struct.pack("<HHII", 1, 1, 0, len(version)) + version
    start = len(root) + 4 + 8 + 8
    return root + struct.pack("<HHII8s", 0, 1, start, 20, b"#Pdb") + GUID.bytes_le + b"stmp"


def macho(*, processor: int = 0x0100000C, uuid: UUID = GUID, file_type: int = 2) -> bytes:
    """Return the head of a 64-bit Mach-O file with a UUID, symbols, and lines."""

    def section(name: bytes, segment: bytes) -> bytes:
        return struct.pack("<16s16sQQIIIIIIII", name, segment, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    sections = section(b"__debug_line", b"__DWARF") + section(b"__unwind_info", b"__TEXT")
    segment = struct.pack("<II16sQQQQIIII", 0x19, 232, b"__DWARF", 0, 0, 0, 0, 0, 0, 2, 0)
    commands = struct.pack("<II16s", 0x1B, 24, uuid.bytes) + segment + sections
    commands += struct.pack("<IIIIII", 2, 24, 0, 5, 0, 0)
    header = struct.pack("<IIIIIII4x", 0xFEEDFACF, processor, 0, file_type, 3, len(commands), 0)
    return header + commands


def fat_macho(*slices: bytes) -> bytes:
    """Return a file with some slices."""
    head = struct.pack(">4sI", b"\xca\xfe\xba\xbe", len(slices))
    at = 8 + 20 * len(slices)
    body = b""
    for one in slices:
        head += struct.pack(">IIIII", 0, 0, at + len(body), len(one), 0)
        body += one
    return head + body


def source_bundle(manifest: bytes | None = None) -> bytes:
    """Return a source bundle with a file."""
    file = BytesIO()
    file.write(b"SYSB" + struct.pack("<I", 2))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("files/main.c", "int main;")
        archive.writestr(
            "manifest.json",
            manifest
            or (
                b'{"files": {"files/main.c": {"type": "source", "path": "/src/main.c"}}, '
                b'"debug_id": "%s-2", "arch": "x86_64", "object_name": "C:\\\\build\\\\xul.pdb"}'
            )
            % str(GUID).encode(),
        )
    return file.getvalue()


def with_units(program: bytes, times: int) -> bytes:
    """Return an ELF file of 64 bits whose debug information has all its units so many times, so that reading it takes long.

    What is read of it stays the same, as of several functions at one address the first counts.
    """
    header, content = _debug_info(program)
    return _with_debug_info(program, header, content * times)


def with_announced_size(program: bytes, size: int) -> bytes:
    """Return an ELF file of 64 bits whose debug information is compressed, and announces to become so many bytes."""
    header, content = _debug_info(program)
    packed = struct.pack("<I4xQQ", 1, size, 1) + zlib.compress(content)
    return _with_debug_info(program, header, packed, flags=0x800)


def with_units_at(program: bytes, offset: int) -> tuple[bytes, bytes]:
    """Return an ELF file of 64 bits without its debug information, and that, which belongs at an offset of the file."""
    header, content = _debug_info(program)
    changed = bytearray(program)
    struct.pack_into("<2Q", changed, header + 0x18, offset, len(content))
    return bytes(changed), content


def _debug_info(program: bytes) -> tuple[int, bytes]:
    """Return where the section header of the debug information is, and its content."""
    (table,) = struct.unpack_from("<Q", program, 0x28)
    size, count, names = struct.unpack_from("<3H", program, 0x3A)
    (names_at,) = struct.unpack_from("<Q", program, table + size * names + 0x18)
    for header in range(table, table + size * count, size):
        (name,) = struct.unpack_from("<I", program, header)
        if program.startswith(b".debug_info\0", names_at + name):
            offset, length = struct.unpack_from("<2Q", program, header + 0x18)
            return header, program[offset : offset + length]
    raise ValueError("it has no debug information")


def _with_debug_info(program: bytes, header: int, content: bytes, flags: int = 0) -> bytes:
    changed = bytearray(program) + content
    struct.pack_into("<Q", changed, header + 0x08, flags)
    struct.pack_into("<2Q", changed, header + 0x18, len(program), len(content))
    return bytes(changed)
