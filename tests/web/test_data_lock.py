# SPDX-License-Identifier: MPL-2.0

"""Who may use a data folder beside whom."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tecken.env import SettingError
from tecken.web.data_dir import data_in_use, data_to_oneself


def test_servers_and_workers_use_a_folder_together(tmp_path: Path) -> None:
    with data_in_use(tmp_path), data_in_use(tmp_path):
        pass
    with data_to_oneself(tmp_path):
        pass


def test_a_restore_has_the_folder_for_itself(tmp_path: Path) -> None:
    with (
        data_in_use(tmp_path),
        pytest.raises(SettingError, match=r"uses: end it first$"),
        data_to_oneself(tmp_path),
    ):
        pass
    with (
        data_to_oneself(tmp_path),
        pytest.raises(SettingError, match=r"^TECKEN_DATA_DIR is .* which is being restored"),
        data_in_use(tmp_path),
    ):
        pass


KILLED_USER = """
import os, signal, sys
from pathlib import Path
from tecken.web.data_dir import data_in_use
with data_in_use(Path(sys.argv[1])):
    if os.fork():
        os.kill(os.getpid(), signal.SIGKILL)
    print(os.getpid(), flush=True)
    signal.pause()
"""


def test_a_worker_process_that_outlives_its_server_still_uses_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_USER, tmp_path], stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        left = int(user.stdout.readline())
        assert user.wait(10) == -signal.SIGKILL
        with pytest.raises(SettingError), data_to_oneself(tmp_path):
            pass
        os.kill(left, signal.SIGKILL)
        user.stdout.read()  # until it has ended
    with data_to_oneself(tmp_path):
        pass
