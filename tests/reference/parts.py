# SPDX-License-Identifier: MPL-2.0

"""Large symbol files without the records that no address of a comparison needs.

Slow readers take most of their time for line and INLINE records, and a comparison looks at those of some
hundred functions. Those of the others go; their FUNC records and all else stay, so what is found
beside a function is the same. The fast reader is given the whole file.
"""

import random
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass

from tests.reference import breakpad
from tests.reference.interesting import sample


@dataclass(frozen=True)
class Blocks:
    """A text: what stands before its first FUNC record, each of these with what belongs to it, and the last."""

    head: bytes
    functions: list[bytes]
    last: bytes  # all that stands behind the functions is with it

    @classmethod
    def of(cls, text: bytes) -> "Blocks":
        head, *functions, last = text.split(b"\nFUNC ")
        return cls(head, functions, last)

    def with_records_of(self, wanted: Collection[int]) -> bytes:
        """Return the text with the records of these functions, by number, but the FUNC record of all."""
        kept = [
            function if number in wanted else function.partition(b"\n")[0]
            for number, function in enumerate(self.functions)
        ]
        return b"\nFUNC ".join([self.head, *kept, self.last])


def part_of(text: bytes, *, functions: int, count: int, seed: int) -> tuple[bytes, list[int]]:
    """Pick ``count`` addresses, at edges in some functions and elsewhere; return what is needed to look them up."""
    blocks = Blocks.of(text)
    numbers = range(len(blocks.functions))
    picked = random.Random(seed).sample(numbers, min(functions, len(numbers)))
    nameless = Blocks(b"", blocks.functions, blocks.last)
    read = breakpad.read(nameless.with_records_of(set(picked)))
    addresses = sample(read, [read.functions[number] for number in picked], count=count, seed=seed)
    around = {read.starts[bisect_right(read.starts, address) - 1] for address in addresses}
    wanted = {number for number in numbers if read.functions[number].address in around}
    return blocks.with_records_of(wanted), addresses
