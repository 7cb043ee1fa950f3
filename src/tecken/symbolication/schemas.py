# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The requests of symbolication: from JSON to jobs.

Nearly every request has the expected types throughout, and a typed decoder reads it at once. All
others are read again, strictly and slowly, to say what is wrong with them and where, or because an
offset is not an integer: its text must be kept as it was sent (``1.00000``).

The sentences are wire contract: clients match on how they begin.
"""

import json
from collections.abc import Sequence
from operator import itemgetter
from typing import Literal, NoReturn

import msgspec

from tecken.core.errors import InvalidRequestError
from tecken.core.symbolicate import Frame, Job, Module
from tecken.symbolication.limits import Limits

MAX_NAME_CHARACTERS = 1024
_MAX_INTEGER_DIGITS = 4_000  # Python itself refuses more than 4,300, to bound the time


class _Job(msgspec.Struct):
    memoryMap: list[tuple[str, str]]  # noqa: N815 - the name on the wire
    stacks: list[list[tuple[int, int]]]


class _Jobs(msgspec.Struct):
    jobs: list[_Job]


class _V4Job(_Job):
    version: Literal[4]


_decode_jobs = msgspec.json.Decoder(_Jobs).decode
_decode_v4_job = msgspec.json.Decoder(_V4Job).decode
# A request that names its jobs must not be read as a single one.
_decode_job = msgspec.json.Decoder(_Job).decode


def parse_v5(body: bytes, limits: Limits) -> list[Job]:
    """Read a v5 request: ``{"jobs": […]}``, or one job at the top.

    Raises InvalidRequestError and LimitExceededError.
    """
    try:
        decoded = _decode_jobs(body).jobs if b'"jobs"' in body else [_decode_job(body)]
        jobs = [Job(job.memoryMap, job.stacks) for job in decoded]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        jobs = _strict_v5(body)
    return _checked(jobs, limits)


def parse_v4(body: bytes, limits: Limits) -> Job:
    """Read a v4 request: one job at the top, and ``"version": 4``.

    Raises InvalidRequestError and LimitExceededError.
    """
    try:
        decoded = _decode_v4_job(body)
        job = Job(decoded.memoryMap, decoded.stacks)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        job = _strict_v4(body)
    return _checked([job], limits)[0]


def _checked(jobs: list[Job], limits: Limits) -> list[Job]:
    if not jobs:
        raise InvalidRequestError("Jobs list empty")
    for number, job in enumerate(jobs):
        _check_names(number, job)
    for number, job in enumerate(jobs):
        _check_indexes(number, job)
    limits.check(jobs)
    return jobs


def _check_names(number: int, job: Job) -> None:
    for position, module in enumerate(job.modules):
        if any(len(text) > MAX_NAME_CHARACTERS or "\0" in text for text in module):
            raise InvalidRequestError(
                f"A name or id is longer than {MAX_NAME_CHARACTERS} characters or has a NUL"
                f" (job {number}, module {position})"
            )


def _check_indexes(number: int, job: Job) -> None:
    count = len(job.modules)
    for position, stack in enumerate(job.stacks):
        if stack and max(stack, key=itemgetter(0))[0] >= count:
            place = next(at for at, (index, _) in enumerate(stack) if index >= count)
            raise InvalidRequestError(
                f"Module index {stack[place][0]} is not below the number of modules ({count})"
                f" (job {number}, stack {position}, frame {place})"
            )


class _Number(str):
    """A number that is not an integer, as it was written."""

    __slots__ = ()


def _strict_v5(body: bytes) -> list[Job]:
    request = _load_object(body)
    if "jobs" not in request and "memoryMap" not in request and "stacks" not in request:
        raise InvalidRequestError("Missing key in JSON ('jobs')")
    if "jobs" not in request:
        return [_strict_job(0, request)]
    if not isinstance(request["jobs"], list):
        raise InvalidRequestError("Must be a list of jobs")
    return [_strict_job(number, job) for number, job in enumerate(request["jobs"])]


def _strict_v4(body: bytes) -> Job:
    request = _load_object(body)
    if request.get("version") != 4:
        raise InvalidRequestError("Expect version==4")
    return _strict_job(0, request)


def _load_object(body: bytes) -> dict[str, object]:
    try:
        request = json.loads(
            body.decode("utf-8"),
            parse_float=_Number,
            parse_int=_read_integer,
            parse_constant=_refuse_constant,
        )
    except RecursionError:
        raise InvalidRequestError("Invalid JSON passed in: nested too deeply") from None
    except ValueError as error:
        raise InvalidRequestError(f"Invalid JSON passed in: {error}") from error
    if not isinstance(request, dict):
        raise InvalidRequestError("Not a dict")
    return request


def _read_integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_DIGITS:
        raise ValueError(f"an integer has more than {_MAX_INTEGER_DIGITS:,} digits")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _strict_job(number: int, job: object) -> Job:
    if not isinstance(job, dict):
        raise InvalidRequestError(f"Not a dict (job {number})")
    for key in ("memoryMap", "stacks"):
        if key not in job:
            raise InvalidRequestError(f"Missing key in JSON ('{key}') (job {number})")
    where = f"job {number}"
    modules = [
        _strict_module(module, f"{where}, module {position}")
        for position, module in enumerate(_strict_list(job["memoryMap"], f"{where}, memoryMap"))
    ]
    stacks = [
        [
            _strict_frame(frame, f"{where}, stack {position}, frame {place}")
            for place, frame in enumerate(_strict_list(stack, f"{where}, stack {position}"))
        ]
        for position, stack in enumerate(_strict_list(job["stacks"], f"{where}, stacks"))
    ]
    return Job(modules, stacks)


def _strict_list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise InvalidRequestError(f"Must be a list of lists ({where})")
    return value


def _strict_module(module: object, where: str) -> Module:
    match _strict_list(module, where):
        case [str(debug_file), str(debug_id)] if not _numbers(debug_file, debug_id):
            if _is_text(debug_file) and _is_text(debug_id):
                return debug_file, debug_id
            raise InvalidRequestError(f"A name or id is not valid Unicode ({where})")
    raise InvalidRequestError(f"A module must be a list of two strings ({where})")


def _strict_frame(frame: object, where: str) -> Frame:
    match _strict_list(frame, where):
        case [int(index), int(offset)] if not isinstance(index, bool) | isinstance(offset, bool):
            return index, offset
        case [int(index), str(text)] if not isinstance(index, bool):
            if _is_text(text):
                return index, str(text)
            raise InvalidRequestError(f"An offset is not valid Unicode ({where})")
    raise InvalidRequestError(f"List of lists of frames must be 2 numbers ({where})")


def _numbers(*values: str) -> bool:
    return any(isinstance(value, _Number) for value in values)


def _is_text(text: str) -> bool:
    """Half of a surrogate pair, which JSON can express, is no text: it could not be sent back."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
