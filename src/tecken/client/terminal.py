# SPDX-License-Identifier: MPL-2.0

"""Text for people: safe to print, and sizes that can be read."""


def printable(text: str) -> str:
    """Replace what a terminal could take as a command.

    Symbol names and servers' sentences come from strangers and may hold escape sequences.
    """
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def human_size(size: float) -> str:
    """Format a number of bytes: ``"512 B"``, ``"40.9 MB"``."""
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"
