# SPDX-License-Identifier: MPL-2.0

"""Which requests are not worth a question to storage."""

import re
from collections.abc import Collection

from tecken.core.dialects.requests import Wanted, read_store_path
from tecken.core.identifiers import SymbolKey

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


def can_be_asked_for(key: SymbolKey, extensions: Collection[str]) -> bool:
    """Say whether a file that lies at a symbol key can be downloaded by its name."""
    if not is_ignored(key.debug_id, key.symbol_file, extensions):
        return True
    asked = read_store_path(key.debug_file, key.debug_id, key.symbol_file)
    return asked is not None and asked.wanted is Wanted.FILE
