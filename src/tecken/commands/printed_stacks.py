# SPDX-License-Identifier: MPL-2.0

"""Stacks on a terminal: one by one, or in the text of a crash that they come from."""

import sys
from collections.abc import Sequence

import click

from tecken.client.stack import Job, StackLine, stack_lines
from tecken.client.terminal import printable
from tecken.commands.options import note
from tecken.core.crash_texts.answer import CrashAnswer


def print_jobs(jobs: Sequence[Job]) -> None:
    """Print all stacks, with titles where there are several."""
    for number, job in enumerate(jobs):
        _print_job(job, f"Job {number}, stack" if len(jobs) > 1 else "Stack")


def print_crash(text: bytes) -> None:
    """Print a crash text: byte by byte, but on a terminal without what commands it."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    lines = text.decode(errors="replace").split("\n")
    click.echo("\n".join(map(_without_commands, lines)), nl=False)


def note_crash(answer: CrashAnswer) -> None:
    """Say what could not be used of a crash text: lines, modules, and how many frames have names."""
    for line in answer.unread:
        note(f"line {line.line}: {line.reason}")
    for module in answer.modules:
        name = f"{module.debug_file}/{module.debug_id}"
        if module.debug_id is None:
            note(f"the id of {module.debug_file} is not known: see --modules and --guess")
        elif not module.found:
            error = module.error
            has_reason = error is not None and error.name != "not_found"
            note(f"no symbols for {name}" + (f": {error.message}" if error and has_reason else ""))
        elif module.assumed:
            note(f"assumed that {module.debug_file} is {name}")
    if not answer.frames:
        note("no line of the text is a frame")
    elif answer.named < answer.frames:
        note(f"{answer.named} of {answer.frames} frames named")


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


def _without_commands(line: str) -> str:
    return "\t".join(map(printable, line.rstrip("\r").split("\t")))


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
