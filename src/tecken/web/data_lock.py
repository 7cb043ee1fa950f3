# SPDX-License-Identifier: MPL-2.0

"""Who works with a data folder: servers and workers beside each other, or one restore alone.

They hold a lock of the kernel, which lets go of it when its last holder has died: child processes
that outlive a killed server count.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tecken.env import SettingError

LOCK_FILE = "serve.lock"


@contextmanager
def data_in_use(data_dir: Path) -> Iterator[None]:
    """Use the data folder together with others. Raises SettingError while it is being restored."""
    with _locked(data_dir, fcntl.LOCK_SH, "which is being restored: wait until that has ended"):
        yield


@contextmanager
def data_to_oneself(data_dir: Path) -> Iterator[None]:
    """Have the data folder for oneself. Raises SettingError while others use it."""
    with _locked(
        data_dir, fcntl.LOCK_EX, "which a server, a worker or a backup uses: end it first"
    ):
        yield


@contextmanager
def _locked(data_dir: Path, kind: int, otherwise: str) -> Iterator[None]:
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SettingError("TECKEN_DATA_DIR", f"is {data_dir}, {otherwise}") from None
    finally:
        os.close(descriptor)
