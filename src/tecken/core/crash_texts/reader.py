# SPDX-License-Identifier: MPL-2.0

"""Any text in: its frames, modules and title, whatever format they are in and whatever stands around them.

One pass over the lines. Most lines of a log have nothing that a frame or a module's line has; what is left is tried
by those families of which it has a hint.
"""

import json
from collections.abc import Callable

from tecken.core.crash_texts.documents import FORMATS, Document
from tecken.core.crash_texts.families import FAMILIES
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.lines import MAX_LINE, Line
from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.modules_field import read_modules_field
from tecken.core.crash_texts.resolve import Guess, resolve
from tecken.core.crash_texts.scan import Scan
from tecken.core.crash_texts.tables import TABLES

OURS = "inlined: "  # begins a line that we wrote
_READS: tuple[tuple[str, str, Callable[[Line, Scan], bool]], ...] = (
    *((table.hint, table.also, table.read) for table in TABLES),
    *((hint, family.also, family.read) for family in FAMILIES for hint in family.hints),
)


def read_crash_text(
    text: str, modules: str = "", guess: Guess | None = None, max_frames: int = 500_000
) -> CrashText:
    """Read a text; ``modules`` are those that it does not name itself (see ``modules_field``).

    ``guess`` finds the id of a module of which only the name is known. Raises InvalidRequestError when the
    modules cannot be read. Reading ends after ``max_frames`` and one more; see the caller's limits.
    """
    images = Images()
    read_modules_field(modules, images)
    crash = _read_document(text, images, max_frames) or _read_lines(text, images, max_frames)
    resolve(crash, images, guess)
    return crash


def _read_document(text: str, images: Images, max_frames: int) -> CrashText | None:
    parsed = _parse(text)
    found = next((form for form in FORMATS if form.matches(parsed)), None) if parsed else None
    if parsed is None or found is None:
        return None
    document = Document(images, max_frames=max_frames)
    found.read(parsed, document)
    threads = [thread for thread in document.threads if thread.frames]
    name = found.format if threads else None
    return CrashText(
        name, document.title if threads else None, threads=threads, is_json=bool(threads)
    )


def _parse(text: str) -> dict[str, object] | None:
    """Return the object that a text is, or the second of two, which Apple writes below a line of its own."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith("{"):
        return None
    decoder = json.JSONDecoder()
    try:
        first, end = decoder.raw_decode(start)
        rest = start[end:].strip()
        parsed = decoder.decode(rest) if rest else first
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _read_lines(text: str, images: Images, max_frames: int) -> CrashText:
    lines = text.split("\n")
    scan = Scan(lines, images, max_frames=max_frames)
    for number, line in enumerate(lines):
        if _may_matter(line) and number >= scan.next and len(line) <= MAX_LINE:
            _read_line(scan, number, line)
            if scan.count > max_frames:
                break
    threads = [thread for thread in scan.threads if thread.frames]
    name, title = (scan.format, scan.title) if threads else (None, None)
    return CrashText(name, title, threads=threads, unread=scan.unread, lines=lines)


def _may_matter(line: str) -> bool:
    """Say whether a line has anything that a frame or a module's line has: most lines of a log do not."""
    return (
        "0x" in line
        or "#" in line
        or "(/" in line
        or "!" in line
        or "`" in line
        or ".so" in line
        or " r-" in line
        or "[.]" in line
        or "[unknown]" in line
        or "build-id" in line
        or "goroutine " in line
        or "segfault at " in line
        or "trap" in line
        or "general protection" in line
    )


def _read_line(scan: Scan, number: int, text: str) -> None:
    line: Line | None = None
    scan.at = number
    for hint, also, reads in _READS:
        if hint in text and also in text:
            if line is None:
                line = scan.line(number)
                if OURS in line.body and line.body.lstrip().startswith(OURS):
                    return
            if reads(line, scan):
                return
