# SPDX-License-Identifier: MPL-2.0

"""From a minidump to the text of its stacks: minidump_stackwalk is run on it, against our own symbols.

It is run without symbols first, and says which modules the stacks are in. What they are unwound by is laid
out for it, of the crashing thread's first, and it is run again, until there is no module that it has not had.
Names are looked up afterwards, as those of any other text are, so that inlined calls are among them.
"""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Final

from django.conf import settings

from tecken.core.crash_texts.encodings import decode
from tecken.core.errors import (
    InvalidRequestError,
    LimitExceededError,
    ProgramError,
    ProgramNotRunError,
    ProgramStoppedError,
)
from tecken.core.external_programs.running import ProgramLimits, run_program
from tecken.core.symbolicate import Module
from tecken.core.symbols.unwinding import with_module_offsets
from tecken.symbolication.laid_out import LaidOutSymbols
from tecken.symbolication.services import limits
from tecken.symbolication.text_form import TextRequest

_MAX_RUNS = 8  # a module that unwinding leads into may lead into another; few do
_MAX_SYMBOLS_BYTES: Final = 256 * 1024 * 1024
_MEMORY_BYTES: Final = 2 * 1024 * 1024 * 1024  # of address space
# "2026-11-29 07:08:24: minidump_processor.cc:193: ERROR: Minidump /tmp/x has no thread list"
_ERROR = re.compile(r"^(?!.*minidump_stackwalk\.cc).*\bERROR:? +(?P<error>\S.*)")
# What tells of a module that had no symbols, its ids among it:
# "0x7f… - 0x7f…  libc.so.6  ???  (WARNING: No symbols, libc.so.6, 1A0D…7FB0)".
_MODULE_LINE = re.compile(
    rb"^0x[0-9a-f]+ - 0x[0-9a-f]+  (?P<name>.*?)  .*"
    rb"\(WARNING: No symbols, (?P<debug_file>[^,\n]*), (?P<id>[0-9A-Fa-f]+)\)(?=\r?$)",
    re.M,
)
# " 1  libc.so.6 + 0x27748"
_FRAME_LINE = re.compile(rb"^ *\d+  (?P<name>[^\n]+?) \+ 0x", re.M)


def walk_stacks(
    dump: Path,
    symbols: Path,
    is_wanted: Callable[[], bool],
    code_ids: Mapping[Module, str] = MappingProxyType({}),
) -> TextRequest:
    """Return what the program prints of a dump, and the modules that it tells of.

    ``symbols`` becomes the folder that it looks into. Raises InvalidRequestError for a dump that it cannot
    read, LimitExceededError for one that takes too much, ProgramNotRunError, NoRoomError and
    ModuleUnreachableError.
    """
    laid_out = LaidOutSymbols(symbols, _MAX_SYMBOLS_BYTES, code_ids)
    program = _Program(dump, symbols, is_wanted)
    tried: set[Module] = set()
    lines: dict[bytes, None] = {}
    for _ in range(_MAX_RUNS):
        printed = with_module_offsets(program.run())
        missing = _missing_modules(printed)
        lines |= dict.fromkeys(missing.values())
        modules = [module for module in missing if module not in tried]
        tried.update(modules)
        if not laid_out.add(modules):
            break
    return TextRequest(decode(printed), decode(b"\n".join(lines)))


class _Program:
    """minidump_stackwalk on one dump; all runs together have the time of one."""

    def __init__(self, dump: Path, symbols: Path, is_wanted: Callable[[], bool]) -> None:
        self._command = [settings.MINIDUMP_STACKWALK_PATH, str(dump), str(symbols)]
        self._dump = dump
        self._is_wanted = is_wanted
        self._left_seconds = float(settings.MINIDUMP_MAX_SECONDS)

    def run(self) -> bytes:
        """Return what it prints."""
        output = BytesIO()
        bounds = ProgramLimits(
            self._left_seconds, limits().body_bytes, _MEMORY_BYTES, self._is_wanted
        )
        started = monotonic()
        try:
            run_program(self._command, output, bounds)
        except ProgramNotRunError:
            raise
        except ProgramStoppedError as error:
            if not self._is_wanted():
                raise InvalidRequestError("The client has closed the connection") from error
            raise LimitExceededError(f"The minidump takes too much: {error}") from error
        except ProgramError as error:
            reason = _reason(error).replace(f"Minidump {self._dump}", "it")
            reason = reason.replace(str(self._dump), "it")
            raise InvalidRequestError(f"The minidump cannot be read: {reason}") from error
        self._left_seconds -= monotonic() - started
        return output.getvalue()


def _reason(error: ProgramError) -> str:
    """Return the last error that the program tells of, but for that it has failed, or how it ended."""
    errors = filter(None, map(_ERROR.search, error.said))
    ended = f"{error.program} {error.reason.partition(':')[0]}"
    return next((found["error"] for found in reversed([*errors])), ended)


def _missing_modules(printed: bytes) -> dict[Module, bytes]:
    """Return the modules that had no symbols, with the lines that tell of them.

    They are in the order of the frames, which begin with those of the crashing thread.
    """
    order: dict[bytes, int] = {}
    for frame in _FRAME_LINE.finditer(printed):
        order.setdefault(frame["name"], len(order))
    found = sorted(
        _MODULE_LINE.finditer(printed), key=lambda line: order.get(line["name"], len(order))
    )
    return {(decode(line["debug_file"]), decode(line["id"])): line[0] for line in found}
