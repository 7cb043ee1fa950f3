# SPDX-License-Identifier: MPL-2.0

"""What ``tecken check`` finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    ``about`` is the variable to change, ``text`` says what is wrong with it and what to set, or, of
    what is right, what was found.
    """

    level: Literal["ok", "warning", "error"]
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.level:8} {self.about}: {self.text}"


def ok(about: str, text: str) -> Finding:
    """Return what was found to be right."""
    return Finding("ok", about, text)


def warning(about: str, text: str) -> Finding:
    """Return what works and should be looked at."""
    return Finding("warning", about, text)


def error(about: str, text: str | Exception) -> Finding:
    """Return what does not work."""
    return Finding("error", about, " ".join(str(text).split()))
