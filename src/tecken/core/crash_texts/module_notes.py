# SPDX-License-Identifier: MPL-2.0

"""Lines at the end of a text, of modules whose symbols are not there yet, or cannot be used.

``# tecken: no symbols for libfoo.so/1A0DF793E38A8E4F63C223F1500327FB0: they are being derived …``. A module that
nobody has is none of them. When the text is read again they are left out, and what is true then is written.
"""

from tecken.core.crash_texts.naming import NamedCrash

_NOTE = "# tecken: "


def with_notes(lines: list[str], named: NamedCrash) -> list[str]:
    """Return the lines of a text, and those of its modules."""
    notes = list(
        dict.fromkeys(
            f"{_NOTE}no symbols for {module.debug_file}/{module.debug_id}: {error.message}"
            for module in named.crash.modules
            if (error := named.error_of(module)) and error.name != "not_found"
        )
    )
    if not notes:
        return lines
    is_ended = len(lines) > 1 and not lines[-1]
    whole = lines[:-1] if is_ended else lines
    end = "\r" if whole[-1].endswith("\r") else ""
    return [*whole, *(_one_line(note) + end for note in notes), *([""] if is_ended else [])]


def without_notes(text: str) -> str:
    """Return a text without such lines at its end."""
    whole = end = len(text) - text.endswith("\n")
    while (start := text.rfind("\n", 0, end) + 1) and text.startswith(_NOTE, start):
        end = start - 1
    return text[:end] + text[whole:] if end < whole else text


def _one_line(note: str) -> str:
    """Return a note without what would end its line, or command a terminal; bytes that are no UTF-8 stay."""
    return "".join(
        letter if letter.isprintable() or "\udc80" <= letter <= "\udcff" else "?" for letter in note
    )
