# SPDX-License-Identifier: MPL-2.0

"""Reading by lines: what a family of formats is, and the threads that its frames make up.

Only lines that may be frames are looked at (``reader`` picks them). When a stack begins, the lines
between it and the frame before are read for what they tell: the title, and the thread's name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tecken.core.crash_texts import ids
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.lines import MAX_LINE, Line, clean
from tecken.core.crash_texts.model import HANDLERS, Frame, Returns, Slot, Thread, Unread

OURS = "inlined: "  # begins a line that we wrote
# A stack's thread and title stand in so many lines before it at most; the title of the first, further.
_LOOK_BACK, _LOOK_BACK_FIRST = 400, 4_000
_MAX_CONTEXT_LINE = 2_000
_NO_NAME = re.compile(r"\?+|n/a|(?:<null> ?)+|<unknown>|\[unknown\]|-?")
_AT_SOURCE = re.compile(r" at \S+:\d+(?::\d+)?$")
LOCATED = re.compile(r"[^:\s]:\d+(?::\d+)?[)\]]*(?:\s|$)")


@dataclass(slots=True)
class Context:
    """What the lines before a stack tell. ``found``: there was a title or a thread's header."""

    title: str | None = None
    thread: str | None = None
    crashed: bool | None = None
    found: bool = False
    current: str | None = None  # the thread that gdb and others call the current one
    tool: str | None = None  # which of those whose words are the same
    crash: bool = False  # another crash begins here


ReadContext = Callable[[str, Context], None]


def context_of(title: str | None = None, thread: str | None = None) -> ReadContext:
    """Return what reads a line before a stack: the group ``title`` begins a crash, ``thread`` names a thread."""
    title_form = re.compile(title) if title else None
    thread_form = re.compile(thread) if thread else None

    def read(body: str, context: Context) -> None:
        if title_form and (match := title_form.search(body)):
            context.title, context.found, context.crash = match["title"].strip(), True, True
        if thread_form and (match := thread_form.search(body)):
            context.thread, context.found = match["thread"], True

    return read


@dataclass(frozen=True)
class Family:
    """The lines of one format.

    ``hints``: a frame has one of them (fast). ``frame`` has groups of ``number``, ``address``, ``module``,
    ``offset`` (hexadecimal, in the module), ``decimal`` (the same), ``function``, ``function_offset``,
    ``build_id``, ``slot`` (where the function stands) and ``start`` (present where a stack begins);
    ``damaged`` what begins like one. ``context`` reads a line before a stack. ``crashes`` says whether
    the first stack after a title is a crash, or None for each.
    """

    format: str
    hints: tuple[str, ...]
    frame: re.Pattern[str]
    example: str
    returns: Returns = Returns.NONE
    damaged: re.Pattern[str] | None = None
    anywhere: bool = False  # what is damaged is so also far from other frames
    before: str = " "
    after: str = ""
    number_base: int = 10
    kin: str = ""  # families of the same kin may have frames of one stack
    also: str = ""  # a line with a hint must have this, too
    crashes: bool | None = True
    near: int = 12  # lines from a frame in which another is of the same stack
    context: ReadContext | None = None
    accept: "Callable[[re.Match[str], Scan], bool] | None" = None
    complete: "Callable[[Frame, re.Match[str], Scan], None] | None" = None
    is_exact: "Callable[[Frame, Scan], bool] | None" = None
    outermost_first: bool = False

    def is_kin(self, other: "Family | None") -> bool:
        """Say whether a stack may have frames of both."""
        return self is other or (other is not None and self.kin != "" and self.kin == other.kin)

    def read(self, line: Line, scan: "Scan") -> bool:
        """Take in a line that has a hint if it is a frame or looks like one; say whether it was."""
        body = line.body
        match = self.frame.match(body)
        if match and (self.accept is None or self.accept(match, scan)):
            scan.add(self, line, match)
            return True
        if (
            self.damaged
            and (self.anywhere or scan.is_near(self, line.number))
            and self.damaged.match(body)
        ):
            scan.refuse(self, line)
            return True
        return False


@dataclass
class Scan:
    """The text, how far it is read, and what was found in it."""

    lines: Sequence[str]
    images: Images = field(default_factory=Images)
    threads: list[Thread] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    context: Context = field(default_factory=Context)
    format: str | None = None
    title: str | None = None
    at: int = 0  # the line that is read
    next: int = 0  # the first line that was not taken in
    max_frames: int = 500_000
    count: int = 0
    family: Family | None = None
    last: int = -1  # the line of the last frame
    last_number: int = -1
    after_handler: bool = False
    stacks: int = 0  # of this crash
    ours: Sequence[int] = ()  # how many lines that we wrote stand before each, if there are any

    def line(self, number: int) -> Line:
        """Return a line without what is around it."""
        return clean(number, self.lines[number])

    def body(self, number: int) -> str:
        """Return what stands in a line; nothing of one that is too long, or behind the last."""
        text = self.lines[number] if number < len(self.lines) else ""
        return clean(number, text).body if len(text) <= MAX_LINE else ""

    def lines_before(self, number: int, count: int, after: int = -1) -> Iterator[str]:
        """Yield so many lines before one, but those that we wrote, the nearest first; none up to ``after``."""
        for at in range(number - 1, after, -1):
            if OURS not in self.lines[at]:
                yield self.lines[at]
                count -= 1
                if count == 0:
                    return

    def is_near(self, family: Family, number: int) -> bool:
        """Say whether a frame of the family stands shortly before a line."""
        return self.family is family and self._distance(number) <= family.near

    def _distance(self, number: int) -> int:
        """Return how many lines a line is behind the last frame; those that we wrote do not count."""
        ours = self.ours[number] - self.ours[max(self.last, 0)] if self.ours else 0
        return number - self.last - ours

    def refuse(self, family: Family, line: Line) -> None:
        """Note that a line begins like a frame."""
        if len(self.unread) < self.max_frames:
            what = f"it begins like a frame ({family.format}), but its address or offset cannot be read"
            self.unread.append(Unread(line.number + 1, what))

    def add(self, family: Family, line: Line, match: re.Match[str]) -> None:
        """Take in a frame."""
        found = match.groupdict()
        number = int(found["number"], family.number_base) if found.get("number") else None
        self._look_back(family, line)
        if self._begins(family, line, number, found.get("start") is not None):
            self._begin(family, line)
        frame = _frame(family, line, match, found)
        if family.complete:
            family.complete(frame, match, self)
        self._set_returns(family, frame)
        self.count += 1
        self.threads[-1].frames.append(frame)
        self.last, self.family, self.next = line.number, family, line.number + 1
        self.last_number = self.last_number + 1 if number is None else number
        self.after_handler = frame.function in HANDLERS

    def take(self, family: Family, line: Line, frames: list[Frame], after: int) -> None:
        """Take in a whole stack that begins at a line; ``after`` is the line behind it."""
        self._look_back(family, line)
        self._begin(family, line)
        self.threads[-1].frames = frames
        self.count += len(frames)
        self.last, self.family, self.next, self.last_number = after - 1, family, after, -1

    def _set_returns(self, family: Family, frame: Frame) -> None:
        if family.is_exact:
            exact = family.is_exact(frame, self)
        else:
            is_top = not self.threads[-1].frames and family.returns is Returns.CALLERS
            exact = family.returns is Returns.NONE or is_top or self.after_handler
        frame.adjust = 0 if exact else 1

    def _begins(self, family: Family, line: Line, number: int | None, start: bool) -> bool:
        if self.context.found or start or not self.threads or not family.is_kin(self.family):
            return True
        if number is not None:
            return number < self.last_number or number == self.last_number == 0
        return self._distance(line.number) > family.near

    def _begin(self, family: Family, line: Line) -> None:
        context = self.context
        if self.format is None:
            self.format = (
                "android-logcat"
                if line.logcat and family.format == "android-tombstone"
                else family.format
            )
            self.title = context.title
        if context.crash or self.family is not family:
            self.stacks = 0
        crashed = context.crashed
        if crashed is None:
            crashed = self.stacks == 0 if family.crashes else family.crashes is None
        self.threads.append(Thread(context.thread, crashed, outermost_first=family.outermost_first))
        self.stacks += 1
        self.after_handler = False
        self.context = Context(current=context.current, tool=context.tool)

    def _look_back(self, family: Family, line: Line) -> None:
        if family.context is None:
            return
        first = self.family is not family
        begin = max(self.last + 1, line.number - (_LOOK_BACK_FIRST if first else _LOOK_BACK))
        for number in range(begin, line.number):
            text = self.lines[number]
            if text and len(text) <= _MAX_CONTEXT_LINE:
                family.context(clean(number, text).body, self.context)


def _frame(family: Family, line: Line, match: re.Match[str], found: dict[str, str | None]) -> Frame:
    frame = Frame(line.number + 1)
    if address := found.get("address"):
        frame.address = int(address.replace("`", ""), 16)
    if offset := found.get("offset"):
        frame.offset = int(offset, 16)
    elif decimal := found.get("decimal"):
        frame.offset = int(decimal)
    frame.module_name = found.get("module") or None
    if build_id := found.get("build_id"):
        frame.debug_id, frame.code_id = ids.of_build_id(build_id), build_id
    function = found.get("function")
    if function is None and "slot" in found:
        function = found["slot"]
    if function is not None and len(function) <= _MAX_CONTEXT_LINE:
        function = _AT_SOURCE.sub("", function)
    frame.function = None if not function or _NO_NAME.fullmatch(function) else function
    if "slot" in found:
        _set_slot(family, frame, line, match)
    return frame


def _set_slot(family: Family, frame: Frame, line: Line, match: re.Match[str]) -> None:
    text = match["slot"]
    start, end = match.span("slot")
    if text is None:
        start = end = len(line.body.rstrip())
    else:
        end -= len(text) - len(text.rstrip())
    frame.located = bool(text and LOCATED.search(text))
    before, after = ("", "") if text else (family.before, family.after)
    begin = line.column(start)
    finish = line.column(end, ends=True) if end > start else begin
    indent = len(line.body) - len(line.body.lstrip())
    frame.slot = Slot(begin, finish, before, after, line.column(indent))
