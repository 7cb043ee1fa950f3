# SPDX-License-Identifier: MPL-2.0

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tecken.web.data_dir import keep_secret_key


def test_those_who_start_together_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(keep_secret_key, [tmp_path] * 8))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    keep_secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
