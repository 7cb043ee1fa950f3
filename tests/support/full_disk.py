# SPDX-License-Identifier: MPL-2.0

"""A disk of a few megabytes that a test can fill: a tmpfs in a mount namespace of a process's own."""

import functools
import subprocess
import sys
from pathlib import Path

import pytest


@functools.cache
def can_mount() -> bool:
    """Say whether this user may mount a tmpfs that nobody else sees."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


needs_tmpfs = pytest.mark.skipif(not can_mount(), reason="this user may not mount a tmpfs")


def command_on_tmpfs(folder: Path, megabytes: int, *command: str) -> list[str]:
    """Return a command that runs another with ``folder`` on a disk of its own."""
    script = 'mount -t tmpfs -o mode=700,size="$0"m tmpfs "$1" && shift && exec "$@"'
    return ["unshare", "-rm", "sh", "-c", script, str(megabytes), str(folder), *command]


def on_tmpfs(folder: Path, code: str, *, megabytes: int) -> None:
    """Run Python code there; its first argument is the folder. What it raises fails the test."""
    command = command_on_tmpfs(folder, megabytes, sys.executable, "-c", code, str(folder))
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
