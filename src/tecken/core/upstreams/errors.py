# SPDX-License-Identifier: MPL-2.0

"""What can be wrong with a file that another server has sent."""

from tecken.core.errors import TeckenError


class WrongFileError(TeckenError):
    """It is not what was asked for: another id, no such file, damaged, or beyond a limit; ``reason`` says what."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
