# SPDX-License-Identifier: MPL-2.0

"""What a crash text holds: modules, threads, frames, and the lines that could not be read."""

from dataclasses import dataclass, field
from enum import Enum


class Returns(Enum):
    """Which addresses of a stack are return addresses, so that the call lies one byte before.

    ``NONE``: the tool subtracted already, or every address is exact. ``CALLERS``: all but the top of
    a thread and what follows a signal handler. ``ALL``: the first one, too.
    """

    NONE = "as printed"
    CALLERS = "callers -1"
    ALL = "all -1"


# What calls a signal handler: the frame below was interrupted, and called nothing.
HANDLERS = frozenset({
    "_sigtramp", "__restore_rt", "__restore", "__default_rt_sa_restorer", "__kernel_rt_sigreturn",
    "KiUserExceptionDispatch", "KiUserExceptionDispatcher",
})  # fmt: skip


@dataclass(slots=True)
class Module:
    """A binary of the crashed process, as far as it is known.

    ``name`` is what the text calls it, often a path. ``base`` and ``end`` (exclusive) are addresses.
    ``assumed``: the id was guessed from the name.
    """

    name: str
    debug_file: str
    debug_id: str | None = None
    code_file: str | None = None
    code_id: str | None = None
    base: int | None = None
    end: int | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a function's name belongs in a line: columns from 0, and what stands around it there.

    ``shared``: other frames stand in the same line.
    """

    start: int
    end: int
    before: str = ""
    after: str = ""
    indent: int = 0  # the column where the line begins, after its prefix and spaces
    shared: bool = False


@dataclass(slots=True)
class Frame:
    """A frame. ``line`` counts from 1, and is None for formats that are not read by lines.

    ``offset`` is relative to the module, as it is printed; ``adjust`` (0 or 1) is subtracted to look it
    up. ``function`` is the name that the text has, ``function_offset`` the distance from its start.
    Of a physical frame that the tool expanded into ``levels`` lines this is line ``level`` (from 0,
    the innermost). ``located``: the text has its source file already. One ``by_name`` has no offset but what
    its function's name gives: ``named_offset``.
    """

    line: int | None = None
    module_name: str | None = None
    offset: int | None = None
    address: int | None = None
    function: str | None = None
    function_offset: int | None = None
    debug_id: str | None = None
    code_id: str | None = None
    slot: Slot | None = None
    adjust: int = 0
    level: int = 0
    levels: int = 1
    located: bool = False
    by_name: bool = False
    named_offset: int | None = None
    module: Module | None = None


@dataclass(slots=True)
class Thread:
    """A stack, in the order in which its frames stand in the text."""

    name: str | None = None
    crashed: bool = False
    frames: list[Frame] = field(default_factory=list)
    outermost_first: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A line (from 1) that begins like a frame and cannot be read; the reason quotes nothing of it."""

    line: int
    reason: str


@dataclass(slots=True)
class CrashText:
    """What was read. ``format`` is None when there is no frame; ``lines`` are those of the text."""

    format: str | None = None
    title: str | None = None
    modules: list[Module] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    is_json: bool = False

    @property
    def frames(self) -> list[Frame]:
        """All frames, thread by thread."""
        return [frame for thread in self.threads for frame in thread.frames]
