# SPDX-License-Identifier: MPL-2.0

"""Headers of requests for bytes: which range, which coding, which version. Source: RFC 9110."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)
_MAX_DIGITS = 19  # more than any object has bytes


class UnsatisfiableRangeError(Exception):
    """A range of bytes none of which exist (RFC 9110 section 15.5.17)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``start`` (included) to ``end`` (excluded)."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        """Return the header of a 206: ``bytes 0-499/1234``."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def byte_range(header: str, size: int) -> ByteRange | None:
    """Return the one range that a ``Range`` header asks for, of something with ``size`` bytes.

    None when the header must be ignored: another unit, several ranges, or no range at all.
    ``bytes=-500`` are the last 500. Raises UnsatisfiableRangeError (section 14.1.2).
    """
    match = _RANGE.fullmatch(header)
    if match is None or max(map(len, match.groups())) > _MAX_DIGITS:
        return None
    first, last = match.groups()
    if not first:
        return _suffix_range(last, size)
    start, end = int(first), int(last) + 1 if last else size
    if end <= start and last:
        return None
    if start >= size:
        raise UnsatisfiableRangeError(header)
    return ByteRange(start, min(end, size))


def accepts_gzip(header: str) -> bool:
    """Say whether an ``Accept-Encoding`` header allows gzip (section 12.5.3).

    Only one that names gzip, or ``*``, does: a client that sends no header may take anything by the
    letter, but most that do not send it cannot decode it.
    """
    weights: dict[str, float] = {}
    for item in header.split(","):
        coding, _, parameters = item.partition(";")
        weights[coding.strip().lower()] = _weight(parameters)
    named = [weights[name] for name in ("gzip", "x-gzip", "*") if name in weights]
    return bool(named) and named[0] > 0


def is_current(if_range: str, etag: str, last_modified: datetime) -> bool:
    """Say whether an ``If-Range`` header means the current version (section 13.1.5).

    Its ETag must be the strong one of the version. A date must be exactly that of the version, and
    so old that the file cannot have changed twice in that second (section 8.8.2.2).
    """
    if '"' in if_range:
        return if_range.strip() == etag
    try:
        moment = parsedate_to_datetime(if_range)
    except (ValueError, OverflowError):  # the latter for numbers of very many digits
        return False
    whole_second = last_modified.replace(microsecond=0)
    long_ago = datetime.now(UTC) - last_modified >= timedelta(seconds=2)
    return moment.tzinfo is not None and moment == whole_second and long_ago


def _suffix_range(length: str, size: int) -> ByteRange | None:
    if not length:
        return None
    if int(length) == 0 or size == 0:
        raise UnsatisfiableRangeError(length)
    return ByteRange(max(0, size - int(length)), size)


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
