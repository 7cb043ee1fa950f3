# SPDX-License-Identifier: MPL-2.0

"""Requests that are large or odd, read part by part.

The outer levels are taken apart without decoding what is in them, and counted; then modules and stacks
are decoded, one at a time. So nothing is built but what is asked for, within the limits, and of
everything that is refused it is known where it stands.

The sentences are wire contract: clients match on how they begin.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Sequence
from operator import itemgetter

from msgspec import MsgspecError, Raw, ValidationError
from msgspec.json import Decoder

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.core.symbolicate import Frame, Job, Module
from tecken.core.symbols.lookup import Offset
from tecken.symbolication.limits import SMALL_BYTES, Limits

MAX_NAME_CHARACTERS = 1024
MAX_OFFSET_CHARACTERS = (
    4_000  # Python itself refuses integers of more than 4,300, to bound the time
)
_BYTES_PER_CHARACTER = 12  # at most: two escapes, ``\ud83d\ude00``
_MAX_ESCAPES = 1_000_000  # in a request with half of a surrogate pair
_UTF8_CHUNK_BYTES = 1024 * 1024

_read = Decoder(Raw).decode  # reads all and builds nothing
_read_object = Decoder(dict[str, Raw]).decode
_read_list = Decoder(list[Raw]).decode
_read_text = Decoder(str).decode
_read_frames = Decoder(list[tuple[int, int]]).decode
_read_odd_frames = Decoder(list[tuple[int, Raw]]).decode
_read_odd_frame = Decoder(tuple[int, Raw]).decode

_NO_FRAME = "List of lists of frames must be 2 numbers"
_LONG_OFFSET = f"An offset has more than {MAX_OFFSET_CHARACTERS:,} characters"
_LONG_INTEGER = f"Invalid JSON passed in: an integer has more than {MAX_OFFSET_CHARACTERS:,} digits"
_NO_OFFSETS = (b"[", b"{", b"t", b"f", b"n")
_NOT_JSON = re.compile(rb"-?Infinity|NaN")
# A backslash, a pair of surrogates, and half of one, which is the group.
_HALVES = re.compile(
    rb"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F][0-9a-fA-F]{2}))", re.DOTALL
)
# Half of a surrogate pair, which JSON can express, is no text: it could not be sent back. A decoder
# refuses it wherever it stands, so it is read as something that is no character either.
_NO_CHARACTER = "\ufffe"
_ESCAPED_NO_CHARACTER = rb"\ufffe"
_TOO_LONG: Module = ("x" * (MAX_NAME_CHARACTERS + 1), "")  # stands for a name that is not decoded


def strict_v5(body: bytes, limits: Limits) -> list[Job]:
    """Read a v5 request. Raises InvalidRequestError and LimitExceededError."""
    reader = _Reader(body, limits)
    request = reader.request
    if "jobs" not in request and "memoryMap" not in request and "stacks" not in request:
        raise InvalidRequestError("Missing key in JSON ('jobs')")
    if "jobs" not in request:
        return reader.jobs([request])
    jobs = _list(request["jobs"], "Must be a list of jobs")
    limits.check_parts(len(jobs), 0, 0)
    return reader.jobs([_object(job, f"Not a dict (job {n})") for n, job in enumerate(jobs)])


def strict_v4(body: bytes, limits: Limits) -> Job:
    """Read a v4 request. Raises InvalidRequestError and LimitExceededError."""
    reader = _Reader(body, limits)
    if bytes(reader.request.get("version", b"")) != b"4":
        raise InvalidRequestError("Expect version==4")
    return reader.jobs([reader.request])[0]


class _Reader:
    """Reads the jobs of one request, whose JSON is checked when this is made."""

    def __init__(self, body: bytes, limits: Limits) -> None:
        self._limits = limits
        self._has_halves = False
        body = self._checked(body)
        if len(body) > SMALL_BYTES:
            limits.check_signs(body)
        self.request = _object(body, "Not a dict")

    def jobs(self, jobs: Sequence[dict[str, Raw]]) -> list[Job]:
        """Read the jobs: first how many parts they have, then the parts, then what is in them."""
        if not jobs:
            raise InvalidRequestError("Jobs list empty")
        parts = [_parts(f"job {number}", job) for number, job in enumerate(jobs)]
        self._limits.check_parts(
            len(parts),
            sum(len(modules) for modules, _ in parts),
            sum(len(stacks) for _, stacks in parts),
        )
        read = [
            self._job(modules, stacks, f"job {number}")
            for number, (modules, stacks) in enumerate(parts)
        ]
        self._limits.check(read)
        _check_names(read)
        _check_indexes(read)
        return read

    def _job(self, modules: list[Raw], stacks: list[Raw], where: str) -> Job:
        code_ids: dict[Module, str] = {}
        names = [
            self._module(each, f"{where}, module {at}", code_ids) for at, each in enumerate(modules)
        ]
        return Job(
            names,
            [self._stack(each, f"{where}, stack {at}") for at, each in enumerate(stacks)],
            code_ids,
        )

    def _checked(self, body: bytes) -> bytes:
        """Return the body, which is JSON, in the form in which decoders take it."""
        try:
            _check_utf8(body)
            try:
                _read(body)
            except MsgspecError:
                self._has_halves = True
                body = _without_halves(body)
                _read(body)
        except RecursionError:
            raise InvalidRequestError("Invalid JSON passed in: nested too deeply") from None
        except (MsgspecError, UnicodeDecodeError) as error:
            raise InvalidRequestError(f"Invalid JSON passed in: {_reason(error, body)}") from error
        return body

    def _module(self, module: Raw, where: str, code_ids: dict[Module, str]) -> Module:
        """Read a module, and put its code id, if it has one, to the others."""
        parts = _list(module, f"Must be a list of lists ({where})")
        if len(parts) not in {2, 3} or any(_first(part) != b'"' for part in parts[:2]):
            raise InvalidRequestError(f"A module must be a list of two strings ({where})")
        if len(parts) == 3 and bytes(parts[2]) == b"null":
            del parts[2]
        if any(_first(part) != b'"' for part in parts):
            raise InvalidRequestError(f"A code id must be a string or null ({where})")
        if any(len(part) > MAX_NAME_CHARACTERS * _BYTES_PER_CHARACTER + 2 for part in parts):
            return _TOO_LONG
        texts = [_read_text(part) for part in parts]
        if self._has_halves and _NO_CHARACTER in "".join(texts):
            raise InvalidRequestError(f"A name or id is not valid Unicode ({where})")
        names = texts[0], texts[1]
        if len(texts) == 3:
            code_ids.setdefault(names, texts[2])
        return names

    def _stack(self, stack: Raw, where: str) -> Sequence[Frame]:
        try:
            return _read_frames(stack)
        except MsgspecError:
            return self._odd_stack(stack, where)

    def _odd_stack(self, stack: Raw, where: str) -> Sequence[Frame]:
        """Read a stack in which an offset may be a text."""
        frames: list[tuple[int, Raw | Offset]]
        try:
            frames = [*_read_odd_frames(stack)]
        except MsgspecError:
            raise _refused_frame(stack, where) from None
        position = 0
        try:
            # Each takes the place of its text, so that both never lie in memory together.
            for position, (index, offset) in enumerate(frames):
                frames[position] = index, self._offset(offset)  # type: ignore[arg-type]
        except (InvalidRequestError, LimitExceededError) as error:
            raise type(error)(f"{error} ({where}, frame {position})") from None
        return frames  # type: ignore[return-value]

    def _offset(self, offset: Raw) -> Offset:
        if len(offset) > MAX_OFFSET_CHARACTERS * _BYTES_PER_CHARACTER + 2:
            raise LimitExceededError(_LONG_OFFSET)
        written = bytes(offset)
        if written.startswith(b'"'):
            text = _read_text(written)
        elif written.startswith(_NO_OFFSETS):
            raise InvalidRequestError(_NO_FRAME)
        elif written.removeprefix(b"-").isdigit():
            return _integer(written)
        else:
            text = written.decode()
        if len(text) > MAX_OFFSET_CHARACTERS:
            raise LimitExceededError(_LONG_OFFSET)
        if self._has_halves and _NO_CHARACTER in text:
            raise InvalidRequestError("An offset is not valid Unicode")
        return text


def _refused_frame(stack: Raw, where: str) -> InvalidRequestError:
    """Say which frame is not an integer and something else."""
    for position, frame in enumerate(_list(stack, f"Must be a list of lists ({where})")):
        try:
            _read_odd_frame(frame)
        except MsgspecError:
            here = f"{where}, frame {position}"
            parts = _list(frame, f"Must be a list of lists ({here})")
            if len(parts) == 2 and len(parts[0]) > MAX_OFFSET_CHARACTERS:
                return InvalidRequestError(_LONG_INTEGER)
            return InvalidRequestError(f"{_NO_FRAME} ({here})")
    return InvalidRequestError(f"{_NO_FRAME} ({where})")


def _parts(where: str, job: dict[str, Raw]) -> tuple[list[Raw], list[Raw]]:
    """Return the modules and stacks of a job, as they are written."""
    for key in ("memoryMap", "stacks"):
        if key not in job:
            raise InvalidRequestError(f"Missing key in JSON ('{key}') ({where})")
    modules = _list(job["memoryMap"], f"Must be a list of lists ({where}, memoryMap)")
    return modules, _list(job["stacks"], f"Must be a list of lists ({where}, stacks)")


def _list(value: Raw, refusal: str) -> list[Raw]:
    try:
        return _read_list(value)
    except ValidationError:
        raise InvalidRequestError(refusal) from None


def _object(value: Raw | bytes, refusal: str) -> dict[str, Raw]:
    try:
        return _read_object(value)
    except ValidationError:
        raise InvalidRequestError(refusal) from None


def _first(value: Raw) -> bytes:
    return bytes(memoryview(value)[:1])


def _integer(text: bytes) -> int:
    if len(text) > MAX_OFFSET_CHARACTERS:
        raise InvalidRequestError(_LONG_INTEGER)
    return int(text)


def _check_utf8(body: bytes) -> None:
    """Raises UnicodeDecodeError. The text is not kept: it may be four times as large."""
    if body.isascii():
        return
    decoder, view = getincrementaldecoder("utf-8")(), memoryview(body)
    for start in range(0, len(body), _UTF8_CHUNK_BYTES):
        decoder.decode(view[start : start + _UTF8_CHUNK_BYTES])
    decoder.decode(b"", final=True)


def _without_halves(body: bytes) -> bytes:
    """Return the body with each half of a surrogate pair written as ``_NO_CHARACTER``."""
    if b"\\u" not in body or body.count(b"\\") > _MAX_ESCAPES:
        return body
    repaired = bytearray(body)
    for found in _HALVES.finditer(body):
        if found[1]:
            repaired[found.start() : found.end()] = _ESCAPED_NO_CHARACTER
    return bytes(repaired)


def _reason(error: Exception, body: bytes) -> str:
    """Say why a body is not JSON; what only looks like a number in JavaScript has its name said."""
    position = re.search(r"\(byte (\d+)\)$", str(error))
    if position:
        start = max(0, int(position[1]) - 1)
        named = _NOT_JSON.search(body, start, start + 10)
        if named:
            return f"{named[0].decode()} is not JSON"
    return str(error)


def _check_names(jobs: Sequence[Job]) -> None:
    for number, job in enumerate(jobs):
        for position, module in enumerate(job.modules):
            texts = (*module, job.code_ids.get(module, ""))
            if any(len(text) > MAX_NAME_CHARACTERS or "\0" in text for text in texts):
                raise InvalidRequestError(
                    f"A name or id is longer than {MAX_NAME_CHARACTERS} characters or has a NUL"
                    f" (job {number}, module {position})"
                )


def _check_indexes(jobs: Sequence[Job]) -> None:
    for number, job in enumerate(jobs):
        count = len(job.modules)
        for position, stack in enumerate(job.stacks):
            if stack and max(stack, key=itemgetter(0))[0] >= count:
                frame = next(at for at, (index, _) in enumerate(stack) if index >= count)
                raise InvalidRequestError(
                    f"Module index {stack[frame][0]} is not below the number of modules ({count})"
                    f" (job {number}, stack {position}, frame {frame})"
                )
