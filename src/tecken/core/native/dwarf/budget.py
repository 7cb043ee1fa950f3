# SPDX-License-Identifier: MPL-2.0

"""How much work a file may make: a small one could refer to the same data again and again."""

from tecken.core.errors import UnsupportedNativeFileError

# What compilers write takes 0.2 to 1.3 steps for each byte; ten is no accident.
_STEPS_PER_BYTE = 10
_STEPS_OF_ANY = 250_000


class Budget:
    """Counts ranges, line records and names that are read, against the size of what they are read from."""

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = _STEPS_OF_ANY + _STEPS_PER_BYTE * size

    def take(self, steps: int) -> None:
        """Count so many steps. Raises UnsupportedNativeFileError when they are too many."""
        self.left -= steps
        if self.left < 0:
            raise UnsupportedNativeFileError(
                "its debug information refers to the same data again and again"
            )
