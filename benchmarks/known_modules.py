# SPDX-License-Identifier: MPL-2.0

"""What the slow reader knows of a symbol file, and the frames that an answer must have."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.reference import breakpad

from tecken.core.identifiers import SymbolKey

Json = dict[str, object]


@dataclass(frozen=True)
class KnownModule:
    """A symbol file as the slow reader has it. Only ``functions`` may be looked up."""

    reference: breakpad.SymbolText

    @classmethod
    def read(cls, text: bytes, functions: int, seed: int = 1) -> "KnownModule":
        """Read a text of any size; of about so many functions, taken at random, all is kept."""
        rng = random.Random(seed)
        share = functions / max(1, text.count(b"\nFUNC "))
        lines = io.BytesIO(text)
        return cls(breakpad.read_lines(lines, lambda _function: rng.random() < share))

    @cached_property
    def functions(self) -> list[breakpad.Function]:
        """The functions of which everything is known, but for empty ones."""
        return [
            function
            for function in self.reference.functions
            if function.own is not None and function.size
        ]

    @property
    def key(self) -> SymbolKey:
        """The key under which the file is stored."""
        assert self.reference.module is not None
        return SymbolKey.of_module(self.reference.module.debug_file, self.reference.module.debug_id)

    @property
    def module(self) -> tuple[str, str]:
        """Debug file and debug id, as a request names them."""
        return self.key.debug_file, self.key.debug_id

    def draws(self, count: int, seed: int = 1) -> Iterator[list[int]]:
        """Yield one address in each of so many functions, others every time."""
        rng = random.Random(seed)
        while True:
            chosen = rng.sample(self.functions, count)
            yield [function.address + rng.randrange(function.size) for function in chosen]

    def frame(self, number: int, address: int) -> Json:
        """Return the frame that a v5 answer must have at an address."""
        answer = self.reference.lookup(address)
        assert answer is not None
        inlines = [_known(function=c.function, file=c.file, line=c.line) for c in answer.inlines]
        return _known(
            frame=number,
            module_offset=hex(address),
            module=self.key.debug_file,
            function=answer.function,
            function_offset=hex(answer.function_offset),
            function_size=None if answer.function_size is None else hex(answer.function_size),
            file=answer.file,
            line=answer.line,
            inlines=inlines or None,
        )


def _known(**values: object) -> Json:
    """Leave out what is not known, as answers do."""
    return {name: value for name, value in values.items() if value is not None}
