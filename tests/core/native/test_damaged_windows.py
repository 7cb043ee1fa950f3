# SPDX-License-Identifier: MPL-2.0

"""Damaged PDBs and DLLs in a worker process: symbols, or a reason; only the library's process may die."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.windows_files import ARCHITECTURES, windows_file

from tecken.core.errors import NativeFileError
from tecken.core.native.derive import derive
from tecken.core.native.model import NativeFiles
from tecken.core.process_pool.errors import WorkerError
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.process_pool.worker_process import TaskLimits

VARIANTS = 20  # of each file
LIMITS = TaskLimits(timeout_seconds=20, max_memory_bytes=300 * 1024 * 1024)
BYTES = [0, 1, 0x7F, 0x80, 0xFF]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    pool = ProcessPool(1, 0, 60)
    yield pool
    pool.close()


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return a file with other bytes where it has some that are not zero, or without its end."""
    if rng.random() < 0.15:
        return data[: rng.randrange(64, len(data))]
    changed = bytearray(data)
    positions = [at for at in range(len(data)) if data[at]]
    start = rng.randrange(len(positions))
    spread = rng.choice([16, 400, len(positions)])
    for _ in range(rng.choice([1, 2, 5, 20, 200])):
        at = positions[(start + rng.randrange(spread)) % len(positions)]
        changed[at] = rng.choice([*BYTES, changed[at] ^ 1 << rng.randrange(8), rng.randrange(256)])
    return bytes(changed)


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("name", ["sample.pdb", "sample.dll"])
def test_a_damaged_file_is_read_or_refused(
    pool: ProcessPool, tmp_path: Path, arch: str, name: str
) -> None:
    for part in ("sample.pdb", "sample.dll"):
        (tmp_path / part).write_bytes(windows_file(f"{arch}/{part}"))
    whole = (tmp_path / name).read_bytes()
    files = NativeFiles(
        "sample.pdb", executable=tmp_path / "sample.dll", debug=tmp_path / "sample.pdb"
    )
    rng = random.Random(f"{arch}/{name}")
    reasons = []
    for _ in range(VARIANTS):
        (tmp_path / name).write_bytes(damaged(whole, rng))
        try:
            pool.run(derive, files, tmp_path / "out.sym", limits=LIMITS)
        except (NativeFileError, WorkerError) as error:
            reasons.append(str(error))
    assert 0 < len(reasons) < VARIANTS
    assert all(reasons)
