# SPDX-License-Identifier: MPL-2.0

"""Stacks on a terminal: one by one, or in the text of a crash that they come from."""

import sys
from collections.abc import Sequence

import click

from tecken.client.crash_text import CrashText
from tecken.client.errors import ClientError
from tecken.client.stack import Job, StackLine, frame_lines, stack_lines
from tecken.client.terminal import printable
from tecken.commands.options import note


def print_jobs(jobs: Sequence[Job]) -> None:
    """Print all stacks, with titles where there are several."""
    for number, job in enumerate(jobs):
        _print_job(job, f"Job {number}, stack" if len(jobs) > 1 else "Stack")


def print_crash(crash: CrashText, jobs: Sequence[Job]) -> None:
    """Print the text, the frames that were found instead of their lines and all else as it is.

    Raises ClientError when the answer is not that of the text's frames.
    """
    stacks = [stack for job in jobs for stack in job.stacks]
    if [len(stack) for stack in stacks] != [len(crash.frames)]:
        raise ClientError("the answer does not have the frames that were asked for")
    found = {
        frame.line: [_format(line) for line in frame_lines(answer, frame.number)]
        for frame, answer in zip(crash.frames, stacks[0], strict=True)
        if answer.function is not None
    }
    last = len(crash.lines) - 1
    for at, line in enumerate(crash.lines):
        if at in found:
            click.echo("\n".join(found[at]))
        else:
            click.echo(_as_it_is(line), nl=at < last)
    for job in jobs:
        _note_missing(job)


def note_unreadable(crash: CrashText) -> None:
    """Name the lines that have the form of a frame and cannot be read."""
    for reason, numbers in crash.unreadable.items():
        lines = "line" if len(numbers) == 1 else "lines"
        note(f"{lines} {', '.join(map(str, numbers))}: {reason}")


def _print_job(job: Job, title: str) -> None:
    for number, stack in enumerate(job.stacks):
        if len(job.stacks) > 1 or title != "Stack":
            click.echo(f"{title} {number}")
        for line in stack_lines(stack):
            click.echo(_format(line))
    _note_missing(job)


def _note_missing(job: Job) -> None:
    for module in job.missing_modules():
        note(f"no symbols for {module}")


def _as_it_is(line: str) -> bytes:
    """Return a line of a stranger's text: byte by byte, but on a terminal without what commands it."""
    if sys.stdout.isatty():
        line = "\t".join(map(printable, line.rstrip("\r").split("\t")))
    return line.encode(errors="surrogateescape")


def _format(line: StackLine) -> str:
    """Format ``  3  function  file:line``; an inlined call is indented and has no number."""
    number = "" if line.number is None else str(line.number)
    start = click.style(f"{number:>3}", dim=True) + "  " + ("  " if line.inlined else "")
    location = printable(line.location)
    if line.function is None:
        return start + location
    inlined = click.style("  (inlined)", dim=True) if line.inlined else ""
    function = click.style(printable(line.function), bold=True)
    return f"{start}{function}  {click.style(location, fg='cyan')}{inlined}"
