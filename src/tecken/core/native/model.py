# SPDX-License-Identifier: MPL-2.0

"""What symbols are derived from, and what was derived."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tecken.core.tempfiles.spooling import FreeSpace

Write: TypeAlias = Callable[[bytes], object]  # where text goes


def max_text_bytes(size: int) -> int:
    """Return how many bytes of text are derived at most of so many bytes of files, or of debug information.

    That is a fifth of it where it is large, and up to twice as much of small programs; of PDBs it is a tenth to a fortieth.
    """
    return 64 * 1024 * 1024 + 8 * size


@dataclass(frozen=True, slots=True)
class NativeFiles:
    """The files of one build of a module, as far as they are there; at least one of the first two is.

    ``alternate`` is the file that dwz made, and ``split`` the ``.dwp`` with split units.
    ``name`` is the name of the module, ``"libc.so.6"`` or ``"xul.pdb"``; ``arch`` chooses a slice of a fat Mach-O file.
    ``inflated`` is a folder for sections that have to be inflated, which processes that read the same
    files share; it is removed by whoever made it. ``code_file`` is the name of the executable,
    which Windows alone has beside the module's. ``free_space`` is what temporary files must leave on the disk.
    """

    name: str
    executable: Path | None = None
    debug: Path | None = None
    alternate: Path | None = None
    split: Path | None = None
    arch: str | None = None
    inflated: Path | None = None
    code_file: str = ""
    free_space: FreeSpace | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived. ``kind`` is ``"elf"``, ``"macho"``, ``"pdb"`` or ``"pe"``; ``debug_id`` and ``code_id`` are as symbol keys have them.

    ``lacks`` names what the files refer to and what was not given: ``"alternate"``, ``"split"``, ``"pdb"``.
    """

    kind: str
    os: str
    arch: str
    debug_id: str
    code_id: str
    functions: int
    publics: int
    unwind_records: int
    has_lines: bool
    lacks: tuple[str, ...]

    @property
    def has(self) -> frozenset[str]:
        """What the text is good for: ``"lines"``, ``"symbols"``, ``"unwind"``."""
        found = {
            "lines": self.has_lines,
            "symbols": bool(self.functions or self.publics),
            "unwind": bool(self.unwind_records),
        }
        return frozenset(name for name, is_there in found.items() if is_there)
