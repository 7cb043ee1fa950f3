# SPDX-License-Identifier: MPL-2.0

"""Which version this is: of the package, and of the code it was built from."""

import json
import subprocess
from contextlib import suppress
from functools import cache
from importlib.metadata import metadata
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
# Written into wheels and images by tools/write_build_info.py.
_WRITTEN = _PACKAGE / "build_info.json"
_CHECKOUT = _PACKAGE.parents[1]


@cache
def build_info() -> dict[str, str]:
    """Return ``version``, ``commit``, ``build`` and ``source``; "" for what is not known."""
    known = {"version": metadata("tecken")["Version"], "commit": "", "build": "", "source": ""}
    with suppress(FileNotFoundError):
        written: dict[str, str] = json.loads(_WRITTEN.read_bytes())
        return known | written
    return known | {"commit": _checked_out_commit()}


def _checked_out_commit() -> str:
    if not (_CHECKOUT / ".git").exists():
        return ""
    command = ["git", "-C", str(_CHECKOUT), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5)  # noqa: S603 - no input in it
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
