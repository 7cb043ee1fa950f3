# SPDX-License-Identifier: MPL-2.0

"""What a worker leaves in its data folder again and again, so that its node knows that it runs.

Its timer does it, so one that hangs, or has looked for its broker for long, does not seem alive.
"""

import time
from contextlib import suppress
from pathlib import Path

SIGN_SECONDS = 10.0
# A worker whose broker is down looks for it in between, and has no time for its timer.
ALIVE_SECONDS = 120.0
_NAME = "worker.alive"


def leave_sign(data_dir: Path) -> None:
    """Say that the worker is alive. On a full disk it seems dead, and is."""
    with suppress(OSError):
        (data_dir / _NAME).touch(0o600)


def take_back_sign(data_dir: Path) -> None:
    """Say that it is not."""
    with suppress(OSError):
        (data_dir / _NAME).unlink()


def has_fresh_sign(data_dir: Path) -> bool:
    """Say whether a worker was alive just now."""
    try:
        return time.time() - (data_dir / _NAME).stat().st_mtime < ALIVE_SECONDS
    except OSError:
        return False
