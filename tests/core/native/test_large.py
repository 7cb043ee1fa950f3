# SPDX-License-Identifier: MPL-2.0

"""Files of several GB: they are mapped, so a process with little memory reads them."""

import math
from pathlib import Path

from tests.support.native_files import DEBUG_ID, PROGRAM_FULL, with_units_at

from tecken.core.native.derive import derive
from tecken.core.native.identify import identify_file
from tecken.core.native.model import NativeFiles
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.process_pool.worker_process import TaskLimits

SIZE = 6 * 1024**3
MEMORY = 128 * 1024 * 1024


def test_six_gigabytes_are_read_with_little_memory(tmp_path: Path) -> None:
    """Its debug information lies behind 4 GiB of a hole, where offsets of 32 bits do not reach."""
    program = tmp_path / "crash"
    with program.open("wb") as file:
        headers, units = with_units_at(PROGRAM_FULL, SIZE)
        file.write(headers)
        file.seek(SIZE)
        file.write(units)
    assert program.stat().st_size > SIZE
    (module,) = identify_file(program)
    assert module.debug_id == DEBUG_ID
    pool = ProcessPool(1, 0, 60)
    pool._busy_until = math.inf
    try:
        files = NativeFiles("crash", executable=program)
        limits = TaskLimits(60, MEMORY)
        derived = pool.run(derive, files, tmp_path / "crash.sym", limits=limits)
    finally:
        pool.close()
    assert derived.functions == 2
    assert "FUNC 10c b 0 outer" in (tmp_path / "crash.sym").read_text()
