# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import os
import subprocess
from pathlib import Path

from tests.support.full_disk import command_on_tmpfs, needs_tmpfs
from tests.support.started_server import TECKEN


@needs_tmpfs
def test_a_server_without_room_for_generations_says_so_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    command = command_on_tmpfs(data, 12, str(TECKEN), "serve", "--port", "0")
    environment = {**os.environ, "TECKEN_DATA_DIR": str(data)}
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("Error: TECKEN_DATA_DIR has no room for generations (16 MB): ")
    assert "No space left on device" in line
