# SPDX-License-Identifier: MPL-2.0

"""Which requests are not worth a question to storage."""

from collections.abc import Collection


def is_ignored(debug_id: str, symbol_file: str, extensions: Collection[str]) -> bool:
    """Say whether nobody can have this file: debuggers ask for many that no symbol server keeps.

    ``file.ptr`` is how Microsoft's own servers point elsewhere, and an id of zeros is a module
    without one. ``extensions`` are the endings of what is ever uploaded.
    """
    name = symbol_file.lower()
    return name == "file.ptr" or not debug_id.strip("0") or not name.endswith(tuple(extensions))
