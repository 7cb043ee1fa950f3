# SPDX-License-Identifier: MPL-2.0

"""Any text in: its frames, modules and title, whatever format they are in and whatever stands around them.

One pass over the lines. Most lines of a log have nothing that a frame or a module's line has; what is left is tried
by those families of which it has a hint.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import accumulate

from tecken.core.crash_texts.documents import FORMATS, Document
from tecken.core.crash_texts.families import FAMILIES
from tecken.core.crash_texts.families.addresses import ADDRESSES
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.lines import MAX_LINE, Line
from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.module_notes import without_notes
from tecken.core.crash_texts.modules_field import add_memory_map, read_modules_field
from tecken.core.crash_texts.offset_list import add_modules, read_offsets
from tecken.core.crash_texts.resolve import ByCodeId, Guess, resolve
from tecken.core.crash_texts.scan import OURS, Scan
from tecken.core.crash_texts.tables import TABLES, Table
from tecken.core.errors import InvalidRequestError


def _read_table(table: Table, line: Line, scan: Scan) -> bool:
    return table.read(line, scan.images)


_READS: tuple[tuple[str, str, Callable[[Line, Scan], bool]], ...] = (
    *((table.hint, table.also, partial(_read_table, table)) for table in TABLES),
    *(
        (hint, family.also, read)
        for family in FAMILIES
        if family is not ADDRESSES  # tried last, and only where there are modules
        for read in [family.read]
        for hint in family.hints
    ),
)


def read_crash_text(
    text: str,
    modules: str = "",
    guess: Guess | None = None,
    max_frames: int = 500_000,
    by_code_id: ByCodeId | None = None,
) -> CrashText:
    """Read a text; ``modules`` are those that it does not name itself (see ``modules_field``).

    ``guess`` finds the id of a module of which only the name is known, ``by_code_id`` that of one whose code id is. Raises InvalidRequestError when the
    modules cannot be read. Reading ends after ``max_frames`` and one more; see the caller's limits.
    """
    images = Images()
    text = without_notes(text)
    read_modules_field(modules, images)
    crash = (
        _read_document(text, images, max_frames)
        or read_offsets(text, images)
        or _read_lines(text, images, max_frames)
    )
    resolve(crash, images, guess, by_code_id)
    return crash


def _read_document(text: str, images: Images, max_frames: int) -> CrashText | None:
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith(("{", "[")):
        return None
    first, rest = _parse(start)
    if rest.strip():
        second, behind = _parse(rest.strip())
        if not isinstance(second, dict) or behind.strip():
            with suppress(InvalidRequestError):  # it may be any other list
                add_memory_map(first, images)
            return None
        first = second
    if not isinstance(first, dict):
        return None
    return _of_document(first, images, max_frames)


def _of_document(parsed: dict[str, object], images: Images, max_frames: int) -> CrashText | None:
    found = next((form for form in FORMATS if form.matches(parsed)), None)
    if found is None:
        return None
    document = Document(images, max_frames=max_frames)
    found.read(parsed, document)
    threads = [thread for thread in document.threads if thread.frames]
    if not threads:
        return None
    return CrashText(found.format, document.title, threads=threads, is_json=True)


def _parse(text: str) -> tuple[object, str]:
    """Return the value that a text begins with, and what is behind it; all of it where there is none."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None, text
    return value, text[end:]


def _read_lines(text: str, images: Images, max_frames: int) -> CrashText:
    add_modules(text, images)
    lines = text.split("\n")
    scan = Scan(lines, images, max_frames=max_frames)
    if OURS in text:
        scan.ours = [0, *accumulate(OURS in line for line in lines)]
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
        " 0x" in line
        or "+0x" in line
        or "[0x" in line
        or "|0x" in line
        or "\t0x" in line
        or "#" in line
        or "(/" in line
        or "!" in line
        or "`" in line
        or ".so" in line
        or " r-" in line
        or "[.]" in line
        or "[unknown]" in line
        or "build-id" in line
        or "    Timestamp: " in line
        or "    ImageSize: " in line
        or "    Image path: " in line
        or "goroutine " in line
        or "stack backtrace:" in line
        or "segfault at " in line
        or "trap" in line
        or "general protection" in line
        or line.startswith(("0x", "(0x"))
    )


def _read_line(scan: Scan, number: int, text: str) -> None:
    line: Line | None = None
    tried: object = None  # what has several hints stands there several times
    scan.at = number
    for hint, also, reads in _READS:
        if hint in text and reads is not tried and also in text:
            if line is None:
                line = scan.line(number)
                if OURS in line.body and line.body.lstrip().startswith(OURS):
                    return
            tried = reads
            if reads(line, scan):
                return
    if "0x" in text and scan.images.modules:
        ADDRESSES.read(line or scan.line(number), scan)
