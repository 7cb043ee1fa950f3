# SPDX-License-Identifier: MPL-2.0
"""What a running server leaves in its data folder, so that commands know where it answers."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = "server.json"


@contextmanager
def noted_server(data_dir: Path, url: str) -> Iterator[None]:
    """Note the URL of a server while it runs. Of several on one folder the last one is known."""
    note = data_dir / _NAME
    mine = json.dumps({"url": url, "process": os.getpid()})
    with suppress(OSError):  # a full disk: commands say the URL of the settings then
        note.write_text(mine)
    try:
        yield
    finally:
        with suppress(OSError):
            if note.read_text() == mine:
                note.unlink()


def noted_url(data_dir: Path) -> str | None:
    """Return the URL of the server that runs on a data folder, as far as is known."""
    try:
        note = json.loads((data_dir / _NAME).read_text())
        os.kill(note["process"], 0)
        return str(note["url"])
    except PermissionError:  # it runs, as another user
        return str(note["url"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
