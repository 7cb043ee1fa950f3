# SPDX-License-Identifier: MPL-2.0

"""The secret key of a single machine: made once and kept in the data folder."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

KEY_FILE = "secret_key"


def keep_secret_key(data_dir: Path) -> str:
    """Return the key that the data folder keeps, and make it when there is none.

    Two processes that start together get the same key: only one link can be made.
    """
    path = data_dir / KEY_FILE
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii")
    draft = data_dir / f"{KEY_FILE}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was faster; its key is the one
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")
