# SPDX-License-Identifier: MPL-2.0

"""What identifies a file or a module, in whatever form it was copied from somewhere.

That is a name, a debug id or build id or code id with or without dashes, GUID and age, ``name/ID`` and
``name/ID/name.sym``, a MODULE line, or a URL of a download in any layout that this server answers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from tecken.core.dialects.requests import Wanted, read_path
from tecken.core.identifiers import debug_id_of_build_id, is_hex_id

MAX_PASTED: Final = 2000  # characters

_GUID_DIGITS = 32
_MIN_ID_DIGITS = 4  # a beginning of fewer stands for too many
_MAX_ID_DIGITS = 128
_MODULE_LINE = re.compile(r"MODULE\s+\S+\s+\S+\s+(?P<id>[0-9A-Fa-f]+)\s+(?P<file>\S.*)")
# 8-4-4-4-12, as lldb prints a build id with 8 more; then perhaps an age.
_DASHED = re.compile(
    r"[{(]?(?P<guid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:-[0-9a-f]{8})?)[)}]?"
    r"(?:[\s,;:/-]*(?:age\b)?[\s:=]*(?P<age>[0-9a-f]{1,8}))?",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(
    r"(?:(?:build|debug|code)[ _-]?id(?:\[\w+\])?|uuid|guid|sha1)\s*[:=]\s*",
    re.IGNORECASE | re.ASCII,
)
_PREFIXES = ("firefox", "seamonkey", "sunbird", "thunderbird", "xulrunner", "fennec", "b2g")
_ID_AND_AGE = re.compile(r"(?P<guid>[0-9A-Fa-f]{32})\s*[,;:/ -]\s*(?P<age>[0-9A-Fa-f]{1,8})")
# Of a text in several parts: `name id`, `id name`, `name,id` as in lists of missing symbols.
_PARTS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was understood: a ``name`` of a file, an ``id`` in upper case without dashes, or both.

    Either may be the beginning of one. What is one word of hexadecimal digits may be a name as well, and stands in both;
    ``is_pair`` tells that name and id belong together. ``with_try``: a URL asked for try symbols, too.
    """

    name: str = ""
    some_id: str = ""
    is_pair: bool = False
    with_try: bool = False

    @property
    def debug_ids(self) -> tuple[str, ...]:
        """The debug ids that a whole id may stand for: itself, that of a build id, that of a UUID."""
        some_id = self.some_id
        if len(some_id) < _GUID_DIGITS:
            return ()
        ids = [some_id]
        if len(some_id) == _GUID_DIGITS:
            ids.append(f"{some_id}0")
        if len(some_id) not in range(_GUID_DIGITS + 1, _GUID_DIGITS + 8):
            ids.append(debug_id_of_build_id(some_id))
        return tuple(dict.fromkeys(ids))


NOTHING: Final = Pasted()


def read_pasted(text: str) -> Pasted:
    """Understand a text; what is empty, or too long, is nothing."""
    text = text.strip().strip("\"'`<>").strip()
    if not text or len(text) > MAX_PASTED:
        return NOTHING
    for read in _READERS:
        if (pasted := read(text)) is not None:
            return pasted
    return Pasted(name=text)


def _module_line(text: str) -> Pasted | None:
    match = _MODULE_LINE.match(text)
    return _pair(match["file"].split("\n")[0].strip(), match["id"]) if match else None


def _url(text: str) -> Pasted | None:
    if "://" not in text and not text.startswith("/"):
        return None
    try:
        url = urlsplit(text)
    except ValueError:
        return None
    path = unquote(url.path).strip("/")
    if "\0" in path:
        return NOTHING  # no name has one, and no database takes it
    with_try = "try" in [field.partition("=")[0] for field in url.query.split("&")]
    parts = path.split("/")
    if parts[:1] == ["t"] and len(parts) > 2:  # a token, of whoever is asked by a debugger
        parts = parts[2:]
    if parts[:1] == ["try"]:
        with_try, parts = True, parts[1:]
    if parts[:1] and parts[0] in _PREFIXES:
        parts = parts[1:]
    pasted = _dialect("/".join(parts)) or _path("/".join(parts[-3:]))
    if pasted is None:
        return Pasted(name=parts[-1]) if parts and parts[-1] else NOTHING
    return Pasted(pasted.name, pasted.some_id, pasted.is_pair, with_try)


def _dialect(path: str) -> Pasted | None:
    """Read what debuggers ask for: ``buildid/c6be…/debuginfo``."""
    asked = read_path(path)
    if asked.wanted is Wanted.NOTHING or not asked.ids:
        return None
    return _id(asked.ids[0])


def _path(text: str) -> Pasted | None:
    """Read ``name/ID``, ``name/ID/``, ``name/ID/file`` and the beginnings of these."""
    name, slash, rest = text.partition("/")
    some_id = _digits(rest.partition("/")[0])
    if not slash or not name:
        return None
    return _pair(name, some_id) if some_id or not rest else None


def _dashed(text: str) -> Pasted | None:
    match = _DASHED.fullmatch(_LABEL.sub("", text, count=1).strip())
    if match is None:
        return None
    return _id(match["guid"].replace("-", "") + (match["age"] or ""))


def _id_and_age(text: str) -> Pasted | None:
    match = _ID_AND_AGE.fullmatch(text)
    return _id(match["guid"] + match["age"]) if match else None


def _word(text: str) -> Pasted | None:
    label = _LABEL.match(text)
    digits = _digits(text[label.end() :] if label else text)
    if not digits:
        return None
    return _id(digits) if label or len(digits) >= _GUID_DIGITS else Pasted(text, digits)


def _two_words(text: str) -> Pasted | None:
    """Read a name and an id in either order; names may have spaces in them."""
    text = _LABEL.sub("", text).strip()
    words = _PARTS.split(text)
    if len(words) < 2:
        return None
    first, last = _digits(words[0]), _digits(words[-1])
    if last:
        return _pair(text[: text.rindex(words[-1])].strip(" ,;\t"), last)
    if len(first) >= _MIN_ID_DIGITS * 2:
        return _pair(text[len(words[0]) :].strip(" ,;\t"), first)
    return None


def _pair(name: str, some_id: str) -> Pasted:
    return Pasted(_LABEL.sub("", name).strip(), some_id.upper(), is_pair=True)


def _id(digits: str) -> Pasted:
    return Pasted(some_id=digits[:_MAX_ID_DIGITS].upper())


def _digits(text: str) -> str:
    """Return an id in upper case, without dashes; "" for what is none."""
    digits = text.strip("{}() ").replace("-", "")
    fits = _MIN_ID_DIGITS <= len(digits) <= _MAX_ID_DIGITS and is_hex_id(digits)
    return digits.upper() if fits else ""


_READERS: Final[tuple[Callable[[str], Pasted | None], ...]] = (
    _module_line, _url, _dashed, _id_and_age, _path, _word, _two_words,
)  # fmt: skip
