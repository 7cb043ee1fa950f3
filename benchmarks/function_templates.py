# SPDX-License-Identifier: MPL-2.0

"""Functions with their line and INLINE records, made once and written many times elsewhere."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.distributions import (
    CALL_LINE,
    COLD_LINES,
    DEEPER,
    EMPTY_CALLS,
    EXTRA_EMPTY_RANGE,
    HOT_LINES,
    INNER_SHARE,
    LINE_NUMBER,
    LINE_SIZE,
    POPULAR_FILES,
    POPULAR_LINES,
    POPULAR_ORIGINS,
    POPULAR_RECORDS,
    RUNS,
    SAME,
    SAME_LINE,
    SINGLE_INLINES,
    SINGLE_LINES,
    SPLIT_INLINES,
    TOP_LEVEL_CALLS,
    USED_UP,
    at,
)

# What a template leaves open is one number each: from 0 an offset from the start of the hot part,
# below 0 an inverted offset from the start of the cold part, from _ORIGIN on an origin.
_ORIGIN = 1 << 40
# Stands for a function's name, which no other part of a template contains.
_NAME = "NAME"


@dataclass(frozen=True, slots=True)
class Template:
    """The records of one function, with addresses, origins and name left open."""

    text: str
    codes: tuple[int, ...]
    hot_size: int
    cold_size: int

    def render(self, *, hot: int, cold: int, shift: int, origins: int, name: str) -> str:
        """Return the text of the function at these addresses, its origins moved on by ``shift``."""
        values = [
            (hot + code if code < _ORIGIN else (code + shift) % origins)
            if code >= 0
            else cold + ~code
            for code in self.codes
        ]
        return (self.text % tuple(values)).replace(_NAME, name)


@dataclass(slots=True)
class _Draft:
    """Text of a template and its codes, growing together."""

    text: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def add(self, text: str, *codes: int) -> None:
        self.text.append(text)
        self.codes.extend(codes)

    def extend(self, other: "_Draft") -> None:
        self.text.extend(other.text)
        self.codes.extend(other.codes)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One line record's location: the code of its address, and its size."""

    code: int
    size: int


@dataclass(slots=True)
class _Call:
    """A call, while its inner calls are made: where they are, and the slots they may still take."""

    at: int
    free: list[int]


class TemplateMaker:
    """Makes functions from the measured distributions."""

    def __init__(self, rng: random.Random, *, file_count: int, origin_count: int) -> None:
        self._rng = rng
        self._file_count = file_count
        self._popular_files = max(1, file_count // 100)
        popular_origins = rng.sample(
            range(origin_count), max(1, int(origin_count * POPULAR_ORIGINS))
        )
        self._popular_calls = [self._popular_call(origin) for origin in popular_origins]
        self._popular_lines = [
            f"{at(LINE_NUMBER, rng.random())} {self._file()}" for _ in popular_origins
        ]

    def single(self, u: float) -> Template:
        """Make a function of one part; ``u`` says how large it is among all of them."""
        hot = self._part(at(SINGLE_LINES, self._near(u)))
        inlines = self._inlines(hot, at(SINGLE_INLINES, u))
        return self._template([hot], inlines)

    def split(self, u: float) -> Template:
        """Make a function of a cold and a hot part, each with the whole list of INLINEs."""
        cold = [
            _Slot(~slot.code, slot.size)
            for slot in self._part(at(COLD_LINES, self._rng.random()) or 1)
        ]
        hot = self._part(at(HOT_LINES, self._near(u)))
        inlines = self._inlines([*cold, *hot], at(SPLIT_INLINES, u))
        return self._template([cold, hot], inlines)

    def _template(self, parts: Sequence[Sequence[_Slot]], inlines: _Draft) -> Template:
        draft = _Draft()
        sizes = [sum(slot.size for slot in part) for part in parts]
        for part, size in zip(parts, sizes, strict=True):
            multiple = self._rng.choice(("", "m "))
            draft.add(f"FUNC {multiple}%x {size:x} 0 {_NAME}\n", part[0].code)
            draft.extend(inlines)
            draft.extend(self._lines(part))
        cold_size = sizes[0] if len(sizes) == 2 else 0
        return Template("".join(draft.text), tuple(draft.codes), sizes[-1], cold_size)

    def _near(self, u: float) -> float:
        """Large functions have many lines and many INLINEs, but not in strict proportion."""
        return u + self._rng.uniform(-0.3, 0.25) * min(u, 1 - u)

    def _part(self, line_count: int) -> list[_Slot]:
        slots = []
        offset = 0
        for _ in range(line_count):
            size = at(LINE_SIZE, self._rng.random())
            slots.append(_Slot(offset, size))
            offset += size
        return slots

    def _lines(self, part: Sequence[_Slot]) -> _Draft:
        draft = _Draft()
        file = self._file()
        number = at(LINE_NUMBER, self._rng.random())
        for slot in part:
            if self._rng.random() < POPULAR_LINES:
                draft.add(f"%x {slot.size:x} {self._skewed(self._popular_lines)}\n", slot.code)
                continue
            if self._rng.random() > SAME_LINE:
                number = max(1, number + self._rng.randint(-3, 5))
            draft.add(f"%x {slot.size:x} {number} {file}\n", slot.code)
        return draft

    def _file(self) -> int:
        if self._rng.random() < POPULAR_FILES:
            return int(self._popular_files * self._rng.random() ** 3)
        return self._rng.randrange(self._file_count)

    def _popular_call(self, origin: int) -> str:
        """Say where from and what is called, as in an INLINE record."""
        return f"{at(CALL_LINE, self._rng.random())} {self._file()} {origin}"

    def _skewed(self, texts: Sequence[str]) -> str:
        """Pick one, the first ones much more often than the last."""
        return texts[int(len(texts) * self._rng.random() ** 3)]

    def _inlines(self, slots: Sequence[_Slot], count: int) -> _Draft:
        """Make nested calls whose ranges begin and end where line records do."""
        draft = _Draft()
        calls = [_Call(0, list(range(len(slots))))]
        level = 0
        for written in range(count):
            level = self._next_level(level, calls)
            del calls[level + 1 :]
            free = len(calls[level].free)
            share = INNER_SHARE if level else 1 / max(1.0, (count - written) * TOP_LEVEL_CALLS)
            taken = self._take(calls[level], free * share)
            draft.add(f"INLINE {level} ")
            self._add_call(draft)
            self._add_ranges(draft, slots, calls[level].at, taken)
            calls.append(_Call(calls[level].at, taken))
        return draft

    def _next_level(self, level: int, calls: Sequence[_Call]) -> int:
        """Go one deeper, stay, or come back; come back when the outer call is used up, mostly."""
        choice = self._rng.random()
        if choice < DEEPER:
            level = len(calls) - 1
        elif choice > DEEPER + SAME:
            level = int(level * self._rng.random())
        while level and not calls[level].free and self._rng.random() < USED_UP:
            level -= 1
        return level

    def _take(self, outer: _Call, wanted: float) -> list[int]:
        """Take slots from the outer call, in one run or in several with gaps between."""
        if not outer.free or self._rng.random() < EMPTY_CALLS:
            return []
        taken: list[int] = []
        runs = at(RUNS, self._rng.random())
        for _ in range(runs):
            length = 1 + int(self._rng.expovariate(runs / wanted))
            taken += outer.free[:length]
            del outer.free[: length + 1]
        outer.at = taken[-1]
        return taken

    def _add_call(self, draft: _Draft) -> None:
        if self._rng.random() < POPULAR_RECORDS:
            draft.add(self._skewed(self._popular_calls))
        else:
            origin = _ORIGIN + self._rng.randrange(_ORIGIN)
            draft.add(f"{at(CALL_LINE, self._rng.random())} {self._file()} %d", origin)

    def _add_ranges(
        self, draft: _Draft, slots: Sequence[_Slot], position: int, taken: Sequence[int]
    ) -> None:
        if not taken or self._rng.random() < EXTRA_EMPTY_RANGE:
            draft.add(" %x 0", slots[position].code)
        while taken:
            run = _first_run(slots, taken)
            draft.add(f" %x {sum(slots[slot].size for slot in run):x}", slots[run[0]].code)
            taken = taken[len(run) :]
        draft.add("\n")


def _first_run(slots: Sequence[_Slot], taken: Sequence[int]) -> Sequence[int]:
    """Return the slots at the front that follow each other in one part."""
    cold = slots[taken[0]].code < 0
    length = 1
    for slot in taken[1:]:
        if slot != taken[0] + length or (slots[slot].code < 0) != cold:
            break
        length += 1
    return taken[:length]
