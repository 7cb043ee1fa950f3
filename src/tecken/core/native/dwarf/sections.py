# SPDX-License-Identifier: MPL-2.0

"""The sections of debug information, from whatever file they come."""

from collections.abc import Callable
from dataclasses import dataclass

from tecken.core.native.content import Content

# Returns the content of ``.debug_<name>``, None where it is not there.
FindSection = Callable[[str], Content | None]


@dataclass(frozen=True, slots=True)
class DebugSections:
    """The contents that are read; those that are not there are empty. ``order`` is ``"<"`` or ``">"``."""

    order: str
    info: Content
    abbrev: Content
    strings: Content
    line: Content
    line_str: Content
    ranges: Content
    rnglists: Content
    addr: Content
    str_offsets: Content

    @classmethod
    def find(cls, find: FindSection, order: str) -> "DebugSections":
        """Find them by name. Raises NativeFileError where one is damaged."""
        names = ("info", "abbrev", "str", "line", "line_str", "ranges", "rnglists", "addr")
        return cls(order, *(_found(find, name) for name in (*names, "str_offsets")))

    @property
    def size(self) -> int:
        """The bytes of all that is read."""
        contents = (self.info, self.abbrev, self.line, self.ranges, self.rnglists, self.addr)
        return sum(content.size for content in contents)


def _found(find: FindSection, name: str) -> Content:
    return find(name) or Content.empty(f".debug_{name}")
