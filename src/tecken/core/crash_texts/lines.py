# SPDX-License-Identifier: MPL-2.0

"""Lines of a log without what is around them: prefixes, colours and carriage returns.

Known prefixes: syslog (RFC 3164 and with ISO times), the kernel's ring buffer, docker and Kubernetes
(``<time> stderr F``), docker compose, Android's logcat (threadtime and brief), and the time stamps that CI
systems write. They may follow each other. The line itself is never changed.
"""

import re
from dataclasses import dataclass

MAX_LINE = 20_000  # a longer line is no frame

ESCAPES = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")
_LOGCAT = (
    r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6} +(?:[+-]\d{4} +)?(?:\S+ +)?\d+ +\d+ [VDIWEF] [^:\n]{0,40}?: "
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +\d+-\d+ +\S+ +\S+ +[VDIWEFA]  "  # Android Studio
    r"|(?:\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} )?[VDIWEF]/[^(:\n]{0,40}(?:\( *\d+\))?: ?"
)
_OTHER = (
    r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \S+ [^\s:\[\]]+(?:\[\d+\])?: ?"  # syslog
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]? "  # a time
    r"(?:std(?:out|err) [FP] ?|\d\d[OE]\+? ?|[A-Za-z]\S* [^\s:\[\]]+\[\d+\]: ?)?"  # docker, GitLab, syslog
    r"|(?:<\d+>)?\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? "  # the kernel
    r"|\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] "  # dmesg -T
    r"|\[pod/[^\]\s]+\] "  # kubectl logs --prefix
    r"|std(?:out|err) [FP] "
    r"|[A-Za-z][\w.-]* +\| "  # docker compose
)
_PREFIX = re.compile(f"(?P<logcat>{_LOGCAT})|{_OTHER}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line (``number`` from 0) and its ``body``, which begins at ``start`` once colours are out.

    ``columns`` maps the columns of a coloured line without its colours to those with them.
    """

    number: int
    body: str
    start: int = 0
    logcat: bool = False
    columns: list[int] | None = None

    def column(self, at: int, ends: bool = False) -> int:
        """Return the column in the original line of one in the body; ``ends``: of what ends there."""
        at += self.start
        if self.columns is None:
            return at
        if ends:
            return self.columns[at - 1] + 1 if at else 0
        return self.columns[at]


def clean(number: int, text: str) -> Line:
    """Return a line without what is around it."""
    text = text[:-1] if text.endswith("\r") else text
    columns = None
    if "\x1b" in text:
        text, columns = _without_colours(text)
    start, logcat = int(text.startswith("\ufeff")), False
    for _ in range(3):
        match = _PREFIX.match(text, start)
        if match is None or match.end() == start:
            break
        start, logcat = match.end(), logcat or match["logcat"] is not None
    return Line(number, text[start:].rstrip(), start, logcat, columns)


def _without_colours(text: str) -> tuple[str, list[int]]:
    kept: list[str] = []
    columns: list[int] = []
    at = 0
    for match in ESCAPES.finditer(text):
        kept.append(text[at : match.start()])
        columns += range(at, match.start())
        at = match.end()
    kept.append(text[at:])
    columns += range(at, len(text) + 1)
    return "".join(kept), columns
