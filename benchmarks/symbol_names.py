# SPDX-License-Identifier: MPL-2.0

"""Names that look like those of templates, for the generator."""

import random
from collections.abc import Iterator, Sequence

from benchmarks.distributions import FILE_NAME, at, spread_evenly


class Names:
    """Makes names that look like those of templates; each much like the one before it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.words = ["".join(_word(rng) for _ in range(rng.randint(2, 3))) for _ in range(2000)]
        simple = [
            "int",
            "unsigned long",
            "char const*",
            "std::__cxx11::basic_string<char>",
            "void*",
        ]
        simple += [f"{rng.choice(self.words)}::{rng.choice(self.words)}" for _ in range(400)]
        outer = ["std::vector", "std::map", "std::shared_ptr", "boost::intrusive_ptr", "std::pair"]
        nested = [
            f"{rng.choice(outer)}<{rng.choice(simple)}, std::allocator<{rng.choice(simple)} > >"
            for _ in range(400)
        ]
        self.types = simple + nested

    def functions(self, lengths: Sequence[int]) -> Iterator[str]:
        """Yield names of functions, four or so of each class, with these lengths."""
        rng = self.rng
        for u in spread_evenly(rng.random()):
            length = at(lengths, u)
            arguments = ", ".join(rng.choices(self.types, k=3))
            owner = f"{rng.choice(self.words)}::{rng.choice(self.words)}"
            if length > 60:
                owner += f"<{arguments}>"
            for _ in range(rng.randint(2, 6)):
                yield self._method(owner, arguments, length)

    def _method(self, owner: str, arguments: str, length: int) -> str:
        name = f"{owner}::{self.rng.choice(self.words)}({self.rng.choice(self.types)} const&"
        while len(name) < length:
            name += f", {owner}&, {arguments}"
        return f"{name[: max(length - 1, 3)]})"

    def files(self) -> Iterator[str]:
        """Yield paths, several in each folder."""
        rng = self.rng
        for u in spread_evenly(rng.random()):
            folder = rng.choice(("/usr/include/boost/", "./obj-x86_64-linux-gnu/./src/"))
            while len(folder) < at(FILE_NAME, u) - 22:
                folder += rng.choice(self.words) + "/"
            for _ in range(rng.randint(2, 6)):
                yield f"{folder}{rng.choice(self.words)}_{rng.choice(self.words)}.h"


def _word(rng: random.Random) -> str:
    return rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") + rng.choice("lmnrst")
