# SPDX-License-Identifier: MPL-2.0

"""Files that appear whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4


@contextlib.contextmanager
def appears_whole(target: Path) -> Iterator[Path]:
    """Give a path to write to, beside ``target``, which it becomes when the block ends well.

    The folder is made when it is not there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{uuid4().hex}.part")
    try:
        yield unfinished
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
