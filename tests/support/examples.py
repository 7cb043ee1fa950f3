# SPDX-License-Identifier: MPL-2.0

"""Examples that the tests of the command line and those of the web app share: both must agree.

``tests/examples/symbolication.json`` has texts and what is to be understood of them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "examples"


@cache
def symbolication_examples() -> dict[str, Any]:
    """Return the examples by what they are examples of."""
    text = (_FOLDER / "symbolication.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
