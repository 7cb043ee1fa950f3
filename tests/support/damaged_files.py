# SPDX-License-Identifier: MPL-2.0

"""Real native files of compilers, each with an id of its own, and damaged then."""

import random
from collections.abc import Iterator
from uuid import UUID

from tests.support.native_files import PROGRAM_FULL, PROGRAM_SHARED_DEBUG, compiled
from tests.support.windows_files import windows_file

from tecken.core.native.content import Content
from tecken.core.native.identify import identify
from tecken.core.native.kinds import Kind

_COMPILED = [
    "gcc5", "gcc4", "gcc3", "types", "gcc64", "lto", "clang5", "clang-zstd", "arm64", "i386", "s390x", "split5", "split4",
    "split5.dwp", "dwz", "dwz.alt", "mac", "gcc5.debug",
]  # fmt: skip
_WINDOWS = ["x64/sample.dll", "x64/sample.pdb", "x86/sample.dll", "x86/sample.pdb"]
_BYTES = (0, 1, 0x7F, 0x80, 0xFF)
_HEAD_BYTES = 1024


def damaged_files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of so many files, each damaged in a way of its own."""
    rng = random.Random(seed)
    originals = {name: compiled(name) for name in _COMPILED}
    originals |= {name.replace("/", "-"): windows_file(name) for name in _WINDOWS}
    originals |= {"crash": PROGRAM_FULL, "crash.debug": PROGRAM_SHARED_DEBUG}
    names = list(originals)
    for number in range(count):
        name = names[number % len(names)]
        data = originals[name]
        damaged = _with_own_ids(data, _damaged(data, rng), name, rng)
        yield f"{number}/{name}", damaged + number.to_bytes(4, "big")  # no two are the same


def _damaged(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    match rng.randrange(8):
        case 0:  # without its end
            return bytes(changed[: rng.randrange(64, len(changed))])
        case 1:  # a hole
            start = rng.randrange(64, len(changed))
            changed[start : start + 512] = bytes(len(changed[start : start + 512]))
        case 2:  # noise
            start = rng.randrange(64, len(changed))
            noise = rng.randbytes(rng.choice([4, 64, 1024]))
            changed[start : start + len(noise)] = noise[: len(changed) - start]
        case 3:  # in its headers
            for _ in range(rng.choice([1, 2, 5])):
                changed[rng.randrange(16, min(_HEAD_BYTES, len(changed)))] = rng.choice(_BYTES)
        case _:  # anywhere
            for _ in range(rng.choice([1, 5, 20, 100])):
                changed[rng.randrange(64, len(changed))] = rng.choice([*_BYTES, rng.randrange(256)])
    return bytes(changed)


def _with_own_ids(data: bytes, damaged: bytes, name: str, rng: random.Random) -> bytes:
    """Put other ids where those of the original are."""
    for module in identify(Content(data, 0, len(data), name), name):
        if module.role == "split":
            continue
        id_bytes = bytes.fromhex(module.code_id) if module.kind == Kind.ELF else b""
        if module.kind == Kind.MACHO:
            id_bytes = bytes.fromhex(module.native_id)
        elif module.kind in {Kind.PDB, Kind.PE}:
            id_bytes = UUID(hex=module.debug_id[:32]).bytes_le
        at = data.find(id_bytes)
        damaged = damaged[:at] + rng.randbytes(len(id_bytes)) + damaged[at + len(id_bytes) :]
    return damaged
