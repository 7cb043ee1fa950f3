# SPDX-License-Identifier: MPL-2.0

"""Sizes as people say them."""


def human_size(size: int) -> str:
    """Return ``"117.7 MB"`` for a number of bytes; units are powers of 1024."""
    number, units = float(size), ["bytes", "KB", "MB", "GB", "TB", "PB"]
    while round(number, 1) >= 1024 and len(units) > 1:
        number /= 1024
        units.pop(0)
    return f"{number:.1f} {units[0]}" if units[0] != "bytes" else f"{size} bytes"
