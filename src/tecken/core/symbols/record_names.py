# SPDX-License-Identifier: MPL-2.0

"""Give the records at an address their names."""

from collections.abc import Mapping

from tecken.core.symbols.functions import Location, Position
from tecken.core.symbols.lookup import InlineCall

Names = Mapping[int, str | None]


class RecordNames:
    """Makes locations, with the names of files and of inline origins by number.

    Equal calls are one object in all that it makes: a call that many others were inlined into is part of
    all their locations. Not safe to use from several threads.
    """

    def __init__(self, files: Names, origins: Names) -> None:
        self._files = files
        self._origins = origins
        self._calls: dict[tuple[int, int, int], InlineCall] = {}

    def locate(self, position: Position) -> Location:
        """Give each function of the chain its file and line: the line record's for the innermost, and for each
        caller the call site of what it called. Raises KeyError when a name is not there."""
        line, file = position.line or (0, _NO_FILE)
        inlines = []
        if position.calls:
            made = self._calls
            for call in reversed(position.calls):
                key = call.origin, file, line
                inlines.append(made.get(key) or self._make_call(key))
                file, line = call.call_file, call.call_line
        elif file >= 0:  # as most are
            name = self._files[file]
            return Location(name, None if name is None else line or None, ())
        return Location(*self._file_and_line(file, line), tuple(inlines))

    def _make_call(self, key: tuple[int, int, int]) -> InlineCall:
        origin, file, line = key
        call = InlineCall(self._origins[origin], *self._file_and_line(file, line))
        self._calls[key] = call
        return call

    def _file_and_line(self, file: int, line: int) -> tuple[str | None, int | None]:
        """Return the name of a file and a line in it; line 0 means unknown, as all do in no file."""
        name = None if file == _NO_FILE else self._files[file]
        return name, None if name is None else line or None


_NO_FILE = -1
