# SPDX-License-Identifier: MPL-2.0

"""The lookups of requests: within the limits of the settings, and with what became of native files."""

from collections.abc import Mapping, Sequence

from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.naming import NamedCrash, name_frames
from tecken.core.symbolicate import Job, Module, ModuleSymbols, Turn, Wanted, symbolicate
from tecken.core.symbols.lookup_limits import LookupLimits
from tecken.core.table_suppliers import Supplier
from tecken.symbolication.services import limits
from tecken.symbolication.underived import tell_of_native_files


def look_up(
    jobs: Sequence[Job], supplier: Supplier, turn: Turn, wanted: Wanted
) -> Mapping[Module, ModuleSymbols]:
    """Look the frames of jobs up. Raises LimitExceededError, ModuleUnreachableError."""
    found = symbolicate(jobs, supplier, supplier.modules_at_once, _lookup_limits(), turn, wanted)
    tell_of_native_files(found, supplier)
    return found


def name_crash(crash: CrashText, supplier: Supplier, turn: Turn) -> NamedCrash:
    """Look the frames of a crash text up. Raises as above."""
    named = name_frames(crash, supplier, supplier.modules_at_once, _lookup_limits(), turn)
    tell_of_native_files(named.found, supplier)
    return named


def _lookup_limits() -> LookupLimits:
    return LookupLimits(limits().seconds, limits().answer_bytes)
