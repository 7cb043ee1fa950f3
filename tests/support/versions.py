# SPDX-License-Identifier: MPL-2.0

"""Which versions of a file an answer may show, and a checker of answers.

Every name in a file says its key and its version, so an answer tells what it was made of. A version
that was told to be stored before a request began may not be followed by an older one in the answer.
One whose upload began before the answer came may already be there.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

FUNCTIONS = 450
LINES = 3 + 6 * FUNCTIONS  # of each text
_NAME = re.compile(r"file(\d+)version(\d+)")


@dataclass(frozen=True)
class VersionedFile:
    """A symbol file of which there will be several versions."""

    number: int

    @property
    def debug_file(self) -> str:
        return f"versioned{self.number}.pdb"

    @property
    def debug_id(self) -> str:
        return f"{self.number + 1:032X}1"

    @property
    def key(self) -> str:
        return f"{self.debug_file}/{self.debug_id}/versioned{self.number}.sym"

    def text(self, version: int) -> str:
        """Several blocks of text; names of functions, of files and of inlined calls lie apart."""
        mark = f"file{self.number}version{version}"
        lines = [f"MODULE windows x86_64 {self.debug_id} {self.debug_file}"]
        lines += [f"FILE 0 /src/{mark}.cc", f"INLINE_ORIGIN 0 inlined_{mark}"]
        for place in range(FUNCTIONS):
            address = 0x1000 + place * 0x40
            # Another order of names in each version, so that nothing fits by chance.
            name = f"function{place * (2 * version + 1) % 10007}_of_{mark}"
            lines += [f"FUNC {address:x} 40 0 {name}", f"INLINE 0 7 0 0 {address:x} 20"]
            lines += [f"{address + at:x} 10 {place + at} 0" for at in range(0, 0x40, 0x10)]
        return "\n".join(lines) + "\n"


def versions_in(number: int, text: str) -> set[int]:
    """Return the versions of a file that a text names. It must name no other file."""
    found = {(int(file), int(version)) for file, version in _NAME.findall(text)}
    assert {file for file, _ in found} <= {number}, f"names of another file than {number}"
    return {version for _, version in found}


@dataclass
class Answer:
    """What a request told of a file: ``versions`` is empty when it was said to be missing."""

    file: VersionedFile
    began: float
    ended: float
    versions: set[int]
    where: str = ""


@dataclass
class _Stored:
    version: int
    began: float
    ended: float | None = None


@dataclass
class Ledger:
    """When each version of each file was stored; times are those of ``time.monotonic``.

    One upload of a file follows the other. An older version is let pass for ``grace_seconds``.
    """

    grace_seconds: float = 0.0
    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    _stored: dict[int, list[_Stored]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def storing(self, file: VersionedFile) -> Iterator[int]:
        """Note an upload of the next version, which the block makes. It may fail."""
        with self._lock:
            versions = self._stored.setdefault(file.number, [])
            stored = _Stored(len(versions), time.monotonic())
            versions.append(stored)
        yield stored.version
        with self._lock:
            stored.ended = time.monotonic()

    def newest(self, file: VersionedFile) -> int | None:
        """Return the newest version whose upload succeeded."""
        with self._lock:
            return self._oldest_allowed(file, time.monotonic())

    def check(self, answer: Answer) -> None:
        """Note what is wrong with an answer, if anything is."""
        with self._lock:
            self.checked += 1
            trouble = self._trouble(answer)
            if trouble:
                self.wrong.append(f"file {answer.file.number} {answer.where}: {trouble}")

    def _trouble(self, answer: Answer) -> str | None:
        if len(answer.versions) > 1:
            return f"a mixture of versions {sorted(answer.versions)}"
        oldest = self._oldest_allowed(answer.file, answer.began - self.grace_seconds)
        newest = self._newest_allowed(answer.file, answer.ended)
        if not answer.versions:
            return None if oldest is None else f"missing after version {oldest}"
        [version] = answer.versions
        if oldest is not None and version < oldest:
            return f"version {version} after version {oldest}"
        if newest is None or version > newest:
            return f"version {version}, which nobody has sent"
        return None

    def _oldest_allowed(self, file: VersionedFile, began: float) -> int | None:
        stored = self._stored.get(file.number, [])
        done = [s.version for s in stored if s.ended is not None and s.ended <= began]
        return max(done, default=None)

    def _newest_allowed(self, file: VersionedFile, ended: float) -> int | None:
        begun = [s.version for s in self._stored.get(file.number, []) if s.began <= ended]
        return max(begun, default=None)
