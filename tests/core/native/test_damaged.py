# SPDX-License-Identifier: MPL-2.0

"""Damaged programs are read, or refused with a reason; nothing else happens, and it takes no time."""

import random
import time
from pathlib import Path

import pytest
from tests.core.native.programs import NAMES, files_of

from tecken.core.errors import NativeFileError
from tecken.core.native.content import Content
from tecken.core.native.derive import derive
from tecken.core.native.elf import MAGIC, SHT_NOBITS, ElfFile
from tecken.core.native.model import NativeFiles

VARIANTS = 15  # of each program
BYTES = [0, 1, 0x7F, 0x80, 0xFF]


def _interesting(path: Path) -> list[tuple[int, int]]:
    """Return where the parts of a file are that are read: offset and size."""
    content = Content.of_file(path)
    if content.cut(0, 4) != MAGIC:
        return [(0, 4096), (0, content.size)]
    return [
        (section.offset, section.size)
        for section in ElfFile(content).sections
        if section.size and section.type not in {0, SHT_NOBITS} and section.name != ".text"
    ]


def _damaged(data: bytes, spans: list[tuple[int, int]], rng: random.Random) -> bytes:
    """Return a file with a few other bytes, or without its end."""
    changed = bytearray(data)
    if rng.random() < 0.1:
        return bytes(changed[: rng.randrange(1, len(changed))])
    start, size = rng.choice(spans)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = start + rng.randrange(min(size, rng.choice([16, 100, 100_000])))
        changed[at] = rng.choice([*BYTES, changed[at] ^ 1 << rng.randrange(8), rng.randrange(256)])
    return bytes(changed)


@pytest.mark.parametrize("name", [*NAMES, "split5.dwp", "dwz.alt"])
def test_a_damaged_program_is_read_or_refused(native: Path, tmp_path: Path, name: str) -> None:
    program = files_of(native, name.partition(".")[0])
    path = native / name if "." in name else program.executable or native / "mac"
    data, spans = path.read_bytes(), _interesting(path)
    damaged = tmp_path / "damaged"
    parts = {".dwp": {"split": damaged}, ".alt": {"alternate": damaged}}.get(
        path.suffix, {"executable": damaged, "debug": None}
    )
    given = {
        "executable": program.executable,
        "split": program.split,
        "alternate": program.alternate,
        **parts,
    }
    rng = random.Random(name)
    began = time.process_time()
    refused = 0
    for _ in range(VARIANTS):
        damaged.write_bytes(_damaged(data, spans, rng))
        try:
            derive(NativeFiles("x", **given, arch=program.arch), tmp_path / "out")
        except NativeFileError:
            refused += 1
    assert 0 < refused < VARIANTS
    assert time.process_time() - began < 0.2 * VARIANTS
