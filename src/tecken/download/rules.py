# SPDX-License-Identifier: MPL-2.0

"""Which requests are not worth a question to storage."""

import re
from collections.abc import Collection

_VERSION = re.compile(r"\.so(\.[0-9]+)+\Z")


def is_ignored(debug_id: str, symbol_file: str, extensions: Collection[str]) -> bool:
    """Say whether nobody can have this file: debuggers ask for many that no symbol server keeps.

    ``file.ptr`` is how Microsoft's own servers point elsewhere, and an id of zeros is a module
    without one. ``extensions`` are the endings of what is ever uploaded; of these, "." stands for names without
    one. ``libc.so.6`` ends in ``.so``.
    """
    name = _VERSION.sub(".so", symbol_file.lower())
    if "." in extensions and "." not in name:
        name += "."
    return name == "file.ptr" or not debug_id.strip("0") or not name.endswith(tuple(extensions))
