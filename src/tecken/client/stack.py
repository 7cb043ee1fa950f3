# SPDX-License-Identifier: MPL-2.0

"""The answer to a v5 request as lines that a person can read."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from tecken.client.errors import ClientError


class Inline(msgspec.Struct):
    """A call that the compiler put into its caller; what is not known is left out."""

    function: str = "<unknown>"
    file: str | None = None
    line: int | None = None


class Frame(msgspec.Struct):
    """A frame of the answer. With inlines, ``file`` and ``line`` are where the outermost was called."""

    frame: int
    module_offset: str
    module: str = "<unknown>"
    function: str | None = None
    file: str | None = None
    line: int | None = None
    inlines: list[Inline] = []


class ModuleError(msgspec.Struct):
    """Why a module has no symbols."""

    name: str
    message: str = ""


class Job(msgspec.Struct):
    """The answer to one job."""

    stacks: list[list[Frame]]
    module_errors: dict[str, list[ModuleError]] = {}

    def missing_modules(self) -> Iterator[str]:
        """Yield a line for each module that was needed and not found."""
        for module, errors in self.module_errors.items():
            for error in errors:
                yield f"{module}: {error.message or error.name}"


class _Answer(msgspec.Struct):
    results: list[Job]


@dataclass(frozen=True, slots=True)
class StackLine:
    """A line of a stack. An inlined call has no number and belongs to the frame below it.

    ``function`` is None where it is not known; ``location`` is ``file:line``, or ``module + offset``.
    """

    number: int | None
    function: str | None
    location: str
    inlined: bool = False


def read_answer(answer: bytes) -> list[Job]:
    """Read the JSON of an answer. Raises ClientError."""
    try:
        return msgspec.json.decode(answer, type=_Answer).results
    except msgspec.MsgspecError as error:
        raise ClientError(f"this is not the answer to a v5 request: {error}") from error


def stack_lines(stack: list[Frame]) -> Iterator[StackLine]:
    """Yield the lines of a stack: each frame, above it the calls inlined into it, innermost first."""
    for frame in stack:
        yield from frame_lines(frame, frame.frame)


def frame_lines(frame: Frame, number: int | None) -> Iterator[StackLine]:
    """Yield the lines of a frame that has this number, or none."""
    in_module = f"{frame.module} + {frame.module_offset}"
    for inline in frame.inlines:
        called_at = _file_and_line(inline.file, inline.line) or in_module
        yield StackLine(None, inline.function, called_at, inlined=True)
    called_in = _file_and_line(frame.file, frame.line) if frame.function else None
    yield StackLine(number, frame.function, called_in or in_module)


def _file_and_line(file: str | None, line: int | None) -> str | None:
    if file is None:
        return None
    return file if line is None else f"{file}:{line}"
