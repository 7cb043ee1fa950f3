# SPDX-License-Identifier: MPL-2.0

"""A fork is what a person starts: a process with its own arguments, environment, folder and streams."""

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.support.fork_server import FORKS, ForkedProcess
from tests.support.started_server import wait_until

PROGRAM = """
import json, os, sys, time
told = {"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}
told |= {"is_leader": os.getsid(0) == os.getpid(), "open": os.listdir("/proc/self/fd")}
print(json.dumps(told), flush=True)
print("said", file=sys.stderr)
if "stay" in sys.argv:
    time.sleep(600)  # longer than the test, which ends it
sys.exit(7)
"""


def run(folder: Path, *arguments: str) -> tuple[ForkedProcess, dict[str, object]]:
    program = folder / "program.py"
    program.write_text(PROGRAM)
    with (folder / "errors").open("wb") as errors:
        command = [sys.executable, program, *arguments]
        process = FORKS.start(command, folder, {"ONLY": "this"}, stderr=errors)
    assert process.stdout is not None
    told: dict[str, object] = json.loads(process.stdout.readline())
    process.stdout.close()
    return process, told


def test_a_fork_has_what_it_was_given_and_its_status_is_told(tmp_path: Path) -> None:
    process, told = run(tmp_path, "one", "two")
    assert process.wait(60) == process.poll() == 7
    assert (told["arguments"], told["folder"]) == (["one", "two"], str(tmp_path))
    assert told["environment"] == {"ONLY": "this"}
    assert told["is_leader"] is True
    assert told["open"] == ["0", "1", "2", "3"]  # the last one is that of the list
    assert (tmp_path / "errors").read_text() == "said\n"


def test_a_fork_that_is_killed_has_gone(tmp_path: Path) -> None:
    process, _ = run(tmp_path, "stay")
    other, _ = run(tmp_path)
    assert other.wait(60) == 7
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    process.send_signal(signal.SIGTERM)  # is too late, and no fault
    wait_until(lambda: not Path(f"/proc/{process.pid}").exists(), "it was reaped")


def test_many_commands_leave_no_descriptor_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with tempfile.TemporaryFile() as out:
            command = [sys.executable, tmp_path / "no-such-program.py"]
            assert FORKS.start(command, tmp_path, {}, stdout=out).wait(60) == 1
    assert len(os.listdir("/proc/self/fd")) <= before + 1
