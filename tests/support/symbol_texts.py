# SPDX-License-Identifier: MPL-2.0

"""Small symbol files for system tests, written by hand or by a loop."""

import zipfile
from pathlib import Path

HELLO_ID = "0A1B2C3D4E5F60718293A4B5C6D7E8F91"


def hello(debug_file: str = "hello.pdb", debug_id: str = HELLO_ID) -> str:
    """A symbol file with a function, an inlined call and a PUBLIC symbol."""
    return (
        f"MODULE windows x86_64 {debug_id} {debug_file}\n"
        "INFO CODE_ID 5F000000A000 hello.dll\n"
        "FILE 0 /src/main.cc\n"
        "FILE 1 /src/greet.h\n"
        "INLINE_ORIGIN 0 greet(char const*)\n"
        "FUNC 1000 40 0 main\n"
        "INLINE 0 12 0 0 1010 10\n"
        "1000 10 10 0\n"
        "1010 10 3 1\n"
        "1020 20 14 0\n"
        "PUBLIC 2000 0 _start\n"
    )


def large(number: int, functions: int = 4_000) -> tuple[str, str]:
    """A key and the text of some hundred KB, different for each number."""
    debug_id = f"{number:032X}1"
    debug_file = f"module{number}.pdb"
    lines = [f"MODULE windows x86_64 {debug_id} {debug_file}", "FILE 0 main.cc"]
    for place in range(functions):
        address = 0x1000 + place * 0x40
        lines.append(f"FUNC {address:x} 40 0 ns{number}::function_{place * 7919 % 10007}(int)")
        lines += [f"{address + at * 8:x} 8 {place * 3 + at} 0" for at in range(8)]
    return f"{debug_file}/{debug_id}/module{number}.sym", "\n".join(lines) + "\n"


def write_zip(path: Path, members: dict[str, str]) -> Path:
    """Write members (path in the archive -> text) as a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path
