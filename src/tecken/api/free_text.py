# SPDX-License-Identifier: MPL-2.0

"""Free text of a list, the parameter ``q``: each of its words must be in one of some columns.

What it costs must not grow with the table. A word that is the whole of a name, or the beginning of an id,
is found in all rows by an index; any other is a condition for ``tecken.api.listing``, which looks for it in
the newest rows alone.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from tecken.core.identifiers import debug_id_of_build_id
from tecken.web.filters import MAX_LENGTH, TermError

MAX_WORDS = 10
MAX_FOUND = 200  # rows that an index finds of a word; it is no id that more begin with
_ID = re.compile(r"[0-9A-F]{6,}\Z")
_BUILD_ID = re.compile(r"[0-9A-F]{32,}\Z")
_AFTER_DIGITS = "Z"  # behind all hexadecimal digits, in every collation

Row = TypeVar("Row", bound=Model)


class Words(NamedTuple):
    """What a text asks for: ``indexed`` an index finds, ``others`` are for the newest rows. Either may be empty."""

    indexed: Q
    others: Q


@dataclass(frozen=True, slots=True)
class FreeText:
    """Where words are looked for: anywhere in the texts of ``parts``.

    ``whole`` are columns with an index, where a word that is all of the text is found in all rows, unless
    these are many; in ``names`` the index has the time, too, and it is found however many there are. So is one
    that the ids of ``ids``, in upper case, begin with, if it has six digits. ``email`` makes a condition of a
    word with an ``@``, that an index serves. ``says`` is for the document.
    """

    parts: Sequence[str]
    says: str
    whole: Sequence[str] = ()
    names: Sequence[str] = ()
    ids: Sequence[str] = ()
    email: Callable[[str], Q] | None = None

    def conditions(self, rows: "QuerySet[Row]", text: str) -> Words:
        """Return what a text asks of some rows. Raises TermError."""
        if len(text) > MAX_LENGTH or len(text.split()) > MAX_WORDS:
            raise TermError(f"has more than {MAX_WORDS} words or {MAX_LENGTH} characters")
        if "\0" in text:
            raise TermError("must not contain a NUL character")
        indexed, others = Q(), Q()
        for word in text.split():
            if word == "!":
                raise TermError("! has no value")
            found = self._by_index(rows, word)
            if found is not None:
                indexed &= found
            elif word.startswith("!"):
                others &= ~self._part(word[1:])
            else:
                others &= self._part(word)
        return Words(indexed, others)

    def parameter(self) -> dict[str, Any]:
        """Return what the document says of it."""
        return {
            "name": "q",
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": f"{self.says} Each word must be found; one with `!` in front must not.",
            "example": "xul",
        }

    def _part(self, word: str) -> Q:
        condition = Q()
        for column in self.parts:
            condition |= Q(**{f"{column}__icontains": word})
        return condition

    def _by_index(self, rows: "QuerySet[Row]", word: str) -> Q | None:
        """Return the condition that an index serves; None where there is none, or it finds nothing."""
        if self.email is not None and "@" in word:
            return self.email(word)
        found: set[int] = set()
        for condition, may_be_many in self._indexed(word):
            keys = rows.order_by().filter(condition).values_list("pk", flat=True)
            some = list(keys[: MAX_FOUND + 1])
            if len(some) <= MAX_FOUND:
                found.update(some)
            elif may_be_many:
                return condition
        return Q(pk__in=sorted(found)) if found else None

    def _indexed(self, word: str) -> Iterator[tuple[Q, bool]]:
        """Yield conditions, and whether an index has the rows of each in the order of their time."""
        for column in self.names:
            yield Q(**{column: word}), True
        for column in self.whole:
            yield Q(**{column: word}), False
        upper = word.upper().replace("-", "")
        if not _ID.match(upper):
            return
        beginnings = [upper]
        if _BUILD_ID.match(upper):
            beginnings.append(debug_id_of_build_id(upper))
        for column in self.ids:
            for begins in beginnings:
                bounds = {f"{column}__gte": begins, f"{column}__lt": begins + _AFTER_DIGITS}
                yield Q(**bounds, **{f"{column}__startswith": begins}), False
