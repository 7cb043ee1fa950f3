# SPDX-License-Identifier: MPL-2.0

"""Symbol caches, made number by number: what a damaged one does, and how ranges become records."""

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.cache_text import CacheText
from tecken.core.native.content import Content
from tecken.core.native.symcache import NONE, Function, Location, SymbolCache

# Files: folder, name. Functions: name, address, and whether it is a symbol.
FILES = [("c:\\build", "main.c"), ("/src/", "util.c")]
OUTER, INNER, LABEL, NEXT = range(4)
FUNCTIONS = [
    ("outer", 0x1000, False),
    ("inner", NONE, False),
    ("label", 0x1010, True),
    ("next", 0x1040, True),
]
END = (NONE, NONE, NONE, NONE)


def cache(
    folder: Path,
    ranges: Sequence[tuple[int, tuple[int, int, int, int]]],
    calls: Sequence[tuple[int, int, int, int]] = (),
    version: int = 9,
    magic: bytes = b"SYMC",
) -> Path:
    """Write a symbol cache with ranges (start and location) and the locations of calls."""
    text = b""

    def string(value: str) -> int:
        nonlocal text
        offset = len(text)
        text += bytes([len(value)]) + value.encode()
        return offset

    def table(rows: Sequence[Sequence[int]]) -> bytes:
        data = b"".join(struct.pack(f"={len(row)}I", *row) for row in rows)
        return data.ljust(-(-len(data) // 8) * 8, b"\0")

    files = table([(NONE, string(d), string(n), NONE, NONE, NONE) for d, n in FILES])
    functions = table([
        (string(name), NONE, address, NONE if is_symbol else 1)
        for name, address, is_symbol in FUNCTIONS
    ])  # fmt: skip
    body = files + functions
    body += table([*calls, *(location for _, location in ranges)])
    body += table([(start,) for start, _ in ranges]) + text
    locations = len(calls) + len(ranges)
    counts = (201, len(FILES), len(FUNCTIONS), locations, len(ranges), len(text))
    head = struct.pack("=4sI32x6I16x", magic, version, *counts)
    path = folder / "cache"
    path.write_bytes(head + body)
    return path


def records(path: Path) -> list[str]:
    names: list[bytes] = []
    body: list[bytes] = []
    CacheText(SymbolCache(Content.of_file(path)), names.append, body.append).write()
    return b"".join(names + body).decode().splitlines()


def test_tables_are_read(tmp_path: Path) -> None:
    found = SymbolCache(Content.of_file(cache(tmp_path, [(0x1000, (1, 7, OUTER, NONE))])))
    assert found.function(OUTER) == Function(b"outer", 0x1000, is_symbol=False)
    assert found.location(found.location_of_range(0)) == Location(1, 7, OUTER, NONE)
    assert [found.file_path(number) for number in (0, 1)] == [b"c:\\build\\main.c", b"/src/util.c"]


def test_ranges_of_a_function_become_its_records(tmp_path: Path) -> None:
    ranges = [
        (0x1000, (0, 3, OUTER, NONE)),
        (0x1004, (1, 9, INNER, 0)),
        (0x1008, (1, 10, INNER, 0)),
        (0x100C, (0, 5, OUTER, NONE)),
        (0x1010, END),
    ]
    assert records(cache(tmp_path, ranges, calls=[(0, 4, OUTER, NONE)])) == [
        "FILE 1 c:\\build\\main.c",
        "INLINE_ORIGIN 1 inner",
        "FILE 2 /src/util.c",
        "FUNC 1000 10 0 outer",
        "INLINE 0 4 1 1 1004 8",
        "1000 4 3 1",
        "1004 4 9 2",
        "1008 4 10 2",
        "100c 4 5 1",
    ]  # fmt: skip


def test_a_label_in_a_function_does_not_end_it(tmp_path: Path) -> None:
    ranges = [
        (0x1000, (0, 3, OUTER, NONE)),
        (0x1010, (NONE, 0, LABEL, NONE)),
        (0x1020, (0, 3, OUTER, NONE)),
        (0x1030, END),
        (0x1040, (NONE, 0, NEXT, NONE)),
    ]
    assert records(cache(tmp_path, ranges)) == [
        "FILE 1 c:\\build\\main.c",
        "FUNC 1000 30 0 outer",
        "1000 30 3 1",
        "PUBLIC 1040 0 next",
    ]


def test_a_symbol_behind_a_function_is_public(tmp_path: Path) -> None:
    ranges = [(0x1000, (NONE, 0, OUTER, NONE)), (0x1010, (NONE, 0, LABEL, NONE)), (0x1040, END)]
    assert records(cache(tmp_path, ranges)) == ["FUNC 1000 10 0 outer", "PUBLIC 1010 0 label"]


@pytest.mark.parametrize(
    "location",
    [(2, 1, OUTER, NONE), (0, 1, 4, NONE), (0, 1, OUTER, 1), (0, 1, OUTER, 0)],
    ids=["no such file", "no such function", "no such caller", "calls itself"],
)
def test_a_location_that_leads_nowhere_is_refused(
    tmp_path: Path, location: tuple[int, int, int, int]
) -> None:
    with pytest.raises(MalformedNativeFileError, match="location 0"):
        records(cache(tmp_path, [(0x1000, location)]))


@pytest.mark.parametrize(("version", "magic"), [(8, b"SYMC"), (10, b"SYMC"), (9, b"CMYS")])
def test_another_version_is_refused(tmp_path: Path, version: int, magic: bytes) -> None:
    path = cache(tmp_path, [], version=version, magic=magic)
    with pytest.raises(UnsupportedNativeFileError, match=f"version {version}, and 9 is read"):
        SymbolCache(Content.of_file(path))


def test_a_cache_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = cache(tmp_path, [(0x1000, (0, 3, OUTER, NONE)), (0x1010, END)])
    data = path.read_bytes()
    for size in range(1, len(data), 7):
        path.write_bytes(data[:size])
        with pytest.raises(MalformedNativeFileError):
            records(path)
