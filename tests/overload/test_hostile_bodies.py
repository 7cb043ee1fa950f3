# SPDX-License-Identifier: MPL-2.0

"""What a body of 32 MB costs before it is refused, or read: each kind in a process of its own."""

import json
import os
import sys
from pathlib import Path

import pytest
from tests.support import hostile_bodies
from tests.support.fork_server import FORKS
from tests.support.hostile_bodies import KINDS

MAX_SECONDS = 3
MAX_MEBIBYTES = 150

NOT_JSON = "InvalidRequestError: Invalid JSON passed in: "
LONG_NAME = "InvalidRequestError: A name or id is longer than 1024 characters or has a NUL (job 0, module 0)"
LONG_OFFSET = (
    "LimitExceededError: An offset has more than 4,000 characters (job 0, stack 0, frame 0)"
)
OUTCOMES = {  # of the others there is too much
    "as many frames as are allowed, with fractions": "read: 1 stacks",
    "as many frames as are allowed, with texts": "read: 1 stacks",
    "as many frames as are allowed, one with a fraction": "read: 1 stacks",
    "as many stacks as are allowed, with fractions": "read: 50000 stacks",
    "as many modules as are allowed, with long names": "read: 0 stacks",
    "as many keys as are allowed": "read: 0 stacks",
    "lists in lists": NOT_JSON + "nested too deeply",
    "objects in objects": NOT_JSON + "nested too deeply",
    "lists in lists, side by side": "read: 0 stacks",
    "integers of 3,999 digits": "read: 1 stacks",
    "one integer": LONG_OFFSET,
    "one integer for a module": NOT_JSON + "an integer has more than 4,000 digits",
    "one name": LONG_NAME,
    "one name of escapes": LONG_NAME,
    "one text for an offset": LONG_OFFSET,
    "one key": "read: 0 stacks",
    "backslashes": "read: 0 stacks",
    "halves of surrogate pairs": NOT_JSON,
    "a half of a surrogate pair, and backslashes": "read: 0 stacks",
    "not a number at the end": NOT_JSON + "NaN is not JSON",
    "no end": NOT_JSON,
    "blanks": "read: 0 stacks",
    "text of four bytes a character": "read: 0 stacks",
    "text that is not UTF-8 at its end": NOT_JSON,
}


def read_in_a_process(kind: str, folder: Path) -> dict[str, float | str]:
    """Read a body in a process that may not have more than a gigabyte, nor more than a minute."""
    program = Path(hostile_bodies.__file__)
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = FORKS.start([sys.executable, program, kind], folder, os.environ, out, err)
        status = process.wait(120)
    assert status == 0, (folder / "err").read_text()
    found: dict[str, float | str] = json.loads((folder / "out").read_bytes())
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_costs_at_most_three_seconds_and_150_mebibytes(kind: str, tmp_path: Path) -> None:
    found = read_in_a_process(kind, tmp_path)
    expected = OUTCOMES.get(kind, "LimitExceededError: The request has ")
    assert str(found["outcome"]).startswith(expected)
    assert float(found["seconds"]) < MAX_SECONDS * max(1, float(found["slowness"]))
    assert float(found["mebibytes"]) < MAX_MEBIBYTES
