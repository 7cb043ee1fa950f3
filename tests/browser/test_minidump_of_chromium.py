# SPDX-License-Identifier: MPL-2.0

"""A minidump that no test wrote: Chromium is made to crash, and its crash handler writes it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from tests.browser.chromium import chromium_program
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer, wait_until


@contextmanager
def running_chromium(folder: Path) -> Iterator[None]:
    """Chromium, once it says that it is there; its crashes are written to the folder."""
    options = [
        "--headless",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--enable-crash-reporter",
        f"--crash-dumps-dir={folder}",
        f"--user-data-dir={folder / 'profile'}",
        "--remote-debugging-port=0",
        "about:blank",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [chromium_program(), *options], stderr=log, start_new_session=True
        )
    try:
        wait_until(lambda: b"DevTools listening" in (folder / "log").read_bytes(), "it is there")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def browser_process(folder: Path) -> int:
    """The process that has all others, and is no shell script."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")
        except OSError:
            continue
        is_own = f"--crash-dumps-dir={folder}".encode() in command
        is_child = any(part.startswith(b"--type=") for part in command)
        if is_own and not is_child and not command[0].endswith(b"/sh"):
            return int(path.parent.name)
    raise AssertionError("Chromium has ended")


@EMBEDDED_ONLY
def test_a_minidump_of_a_crashed_program_is_walked(server: StartedServer, tmp_path: Path) -> None:
    with running_chromium(tmp_path):
        os.kill(browser_process(tmp_path), signal.SIGSEGV)
        written = tmp_path / "pending"
        wait_until(lambda: [*written.glob("*.dmp")] != [], "the crash is written")
        [dump] = written.glob("*.dmp")
        content = dump.read_bytes()
    answer = requests.post(
        f"{server.url}/symbolicate/minidump",
        data=content,
        headers={"Accept": "application/json"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["format"] == "minidump-stackwalk"
    assert found["title"].startswith("SIGSEGV")
    assert [thread["crashed"] for thread in found["threads"]].index(True) == 0
    assert len(found["threads"]) > 3
    assert found["unread"] == []
    ids = {module["debug_file"]: module["debug_id"] for module in found["modules"]}
    assert len(ids["libc.so.6"]) == 33
