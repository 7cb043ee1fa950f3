# SPDX-License-Identifier: MPL-2.0

"""The requests of symbolication: from JSON to jobs.

Nearly every request is small, has the expected types throughout and nothing else, and one call of
a typed decoder reads it. All others are read part by part (see ``strict``): to say what is wrong
with them and where, to keep the text of an offset that is not an integer (``1.00000``), and to take
no more memory than what is asked for.

The decoders know lists, tuples and dictionaries alone, no classes. In a worker of a threaded server
msgspec 0.22 was once seen to meet a field of a class without a type. Such types are kept in an object
that the garbage collector may clear; those of lists and dictionaries are owned by the decoder, which
has nothing that could be cleared.
"""

from collections.abc import Sequence
from itertools import chain
from operator import itemgetter

import msgspec

from tecken.core.symbolicate import Frame, Job, Module
from tecken.symbolication.limits import SMALL_BYTES, Limits
from tecken.symbolication.strict import MAX_NAME_CHARACTERS, strict_v4, strict_v5

# One type for the memory map, in which a list has two strings and perhaps a code id or null, and for stacks, in
# which it has frames: a dictionary has one type for all its values.
_Lists = list[list[str | tuple[int, int] | None]]
_Scalar = int | float | str | bool | None  # for example ``"version": 5``

_decode_jobs = msgspec.json.Decoder(dict[str, list[dict[str, _Lists]] | _Scalar]).decode
_decode_job = msgspec.json.Decoder(dict[str, _Lists | _Scalar]).decode

_module_index = itemgetter(0)
_HAS_CODE_ID = 3  # parts of a module in the memory map


class _OddError(Exception):
    """A request must be read part by part."""


# What decoders raise, and what odd values do where others are expected.
_ODD = (_OddError, msgspec.MsgspecError, RecursionError, TypeError, ValueError, LookupError)


def parse_v5(body: bytes, limits: Limits) -> list[Job]:
    """Read a v5 request: ``{"jobs": […]}``, or one job at the top.

    Raises InvalidRequestError and LimitExceededError.
    """
    try:
        jobs = _plain_v5(body)
    except _ODD:
        return strict_v5(body, limits)
    limits.check(jobs)
    return jobs


def parse_v4(body: bytes, limits: Limits) -> Job:
    """Read a v4 request: one job at the top, and ``"version": 4``.

    Raises InvalidRequestError and LimitExceededError.
    """
    try:
        job = _plain_v4(body)
    except _ODD:
        return strict_v4(body, limits)
    limits.check([job])
    return job


def _plain_v5(body: bytes) -> list[Job]:
    _refuse_large(body)
    if b'"jobs"' not in body:  # a request that names its jobs must not be read as a single one
        return [_plain_job(_decode_job(body))]
    jobs = _decode_jobs(body)["jobs"]
    if not isinstance(jobs, list) or not jobs:
        raise _OddError
    return [*map(_plain_job, jobs)]


def _plain_v4(body: bytes) -> Job:
    _refuse_large(body)
    request = _decode_job(body)
    version = request["version"]
    if version != 4 or type(version) is not int:
        raise _OddError
    return _plain_job(request)


def _refuse_large(body: bytes) -> None:
    """At once, 32 MB of ``[],[],…`` become a gigabyte."""
    if len(body) > SMALL_BYTES:
        raise _OddError


def _plain_job(job: dict[str, _Lists] | dict[str, _Lists | _Scalar]) -> Job:
    names, stacks = job["memoryMap"], job["stacks"]
    if not isinstance(names, list) or not isinstance(stacks, list):
        raise _OddError
    code_ids: dict[Module, str] = {}
    if any(map(_HAS_CODE_ID.__eq__, map(len, names))):
        code_ids = _plain_code_ids(names)
        names = [name[:2] for name in names]
    modules = _plain_modules(names)
    return Job(modules, _plain_stacks(stacks, len(modules)), code_ids)


def _plain_code_ids(names: _Lists) -> dict[Module, str]:
    """Return the code ids of those modules that have one. Raises what is in ``_ODD``."""
    found: dict[Module, str] = {}
    for name in names:
        if len(name) == _HAS_CODE_ID:
            debug_file, debug_id, code_id = name
            if code_id is not None:
                found.setdefault((debug_file, debug_id), code_id)  # type: ignore[arg-type]
    code_ids = [*found.values()]
    if "\0" in "".join(code_ids) or max(map(len, code_ids), default=0) > MAX_NAME_CHARACTERS:
        raise _OddError
    return found


def _plain_modules(names: _Lists) -> list[Module]:
    """Return the modules. Raises what is in ``_ODD``: joining refuses what is no string."""
    modules: list[Module] = [(debug_file, debug_id) for debug_file, debug_id in names]  # type: ignore[misc]
    texts = [*chain.from_iterable(modules)]
    if "\0" in "".join(texts) or max(map(len, texts), default=0) > MAX_NAME_CHARACTERS:
        raise _OddError
    return modules


def _plain_stacks(stacks: _Lists, module_count: int) -> Sequence[Sequence[Frame]]:
    """Return the stacks. Raises what is in ``_ODD``: a string has no number to compare."""
    for stack in stacks:
        if stack and max(stack, key=_module_index)[0] >= module_count:  # type: ignore[index, arg-type, operator]
            raise _OddError
    return stacks  # type: ignore[return-value]
