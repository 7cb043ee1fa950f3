# SPDX-License-Identifier: MPL-2.0

"""minidump-stackwalk: Breakpad's and rust-minidump's, for people and for machines (``-m``).

Layout: Breakpad's stackwalk_common.cc (PrintStack, PrintStackMachineReadable) and the snapshots of
rust-minidump: ``N  MODULE + 0xOFFSET``, ``MODULE!FUNCTION [FILE : LINE + 0xOFFSET]``; ``THREAD|N|MODULE|FUNCTION|FILE|LINE|OFFSET``.
``Loaded modules:`` and ``Module|`` have ids and bases.

Returns: rust-minidump has subtracted already, Breakpad prints the return address: the same words, with
offsets that differ by one. The instruction pointer below a frame tells which it is, or the head: ``GPU:`` is Breakpad's, as is
``Thread 0 (crashed)``; ``- tid:`` is rust-minidump's. Lists without any of it are as printed. ``-m``: callers -1.
"""

import re

from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import Context, Family, Scan

_TITLE = re.compile(r"Crash reason: +(?P<title>.*)")
_THREAD = re.compile(
    r"Thread \d+(?: +(?P<thread>[^\s(-].*?))??(?P<crashed> +\(.*\))?(?P<rust> +- tid: \d+)?$"
)
_POINTER = re.compile(r"\s+.*\b(?:rip|eip|pc) = 0x(?P<address>[0-9a-f]{1,16})")
_REGISTERS = 20  # lines of them below a frame, at most


def _context(body: str, context: Context) -> None:
    if match := _TITLE.match(body):
        context.title, context.found, context.crash = match["title"].strip(), True, True
    elif body.startswith("GPU:"):
        context.tool = "breakpad"
    elif body.startswith("Thread ") and (match := _THREAD.match(body)):
        context.thread, context.found = match["thread"], True
        context.crashed = match["crashed"] is not None and "crashed" in match["crashed"]
        if match["rust"]:
            context.tool = "rust-minidump"
        elif match["thread"] is None and context.tool is None:
            context.tool = "breakpad"


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    frame.function = match["function"]
    frame.located = frame.located or match["file"] is not None
    if frame.offset is None or not scan.threads[-1].frames:
        scan.after_handler = scan.context.tool != "breakpad"
        return
    scan.after_handler = scan.context.tool != "breakpad"
    for number in range(frame.line or 0, min((frame.line or 0) + _REGISTERS, len(scan.lines))):
        text = scan.body(number)
        if not text.startswith("     "):
            break
        if pointer := _POINTER.match(text):
            before = (int(pointer["address"], 16) - frame.offset) & 0xFFF
            if before in (0, 1):
                scan.after_handler = before == 1
            break


def _is_frame(match: re.Match[str], scan: Scan) -> bool:
    if match["address"] is not None:
        near = scan.is_near(MINIDUMP, scan.at)
        begins = scan.at > 0 and scan.body(scan.at - 1).startswith("Thread ")
        return match["number"] is not None and match["slot"] is None and (near or begins)
    module = match["module"]
    if match["gap"] is not None:
        # One space is enough for the next of the same stack: its module may be one that nobody knows.
        is_next = int(match["number"]) == scan.last_number + 1 and scan.is_near(MINIDUMP, scan.at)
        if len(match["gap"]) > 1 or is_next:
            return True
    return scan.images.named(module) is not None


MINIDUMP = Family(
    format="minidump-stackwalk",
    kin="addresses",
    near=60,
    hints=(" + 0x", "  0x"),
    frame=re.compile(
        r"\s*#?(?:(?P<number>\d{1,6}):?(?P<gap> +))?(?:0x(?P<address>[0-9a-f]{1,16})|(?P<module>[^\s!|#][^!|]{0,300}?)"
        r"(?:!(?P<function>\S.*?))?(?: (?P<file>\[[^\[\]]* : [^\[\]]*\])| ?\+ ?0x(?P<offset>[0-9a-fA-F]{1,16})))(?: +(?P<slot>\S.*?))?$"
    ),
    damaged=re.compile(r"\s*\d{1,6}  (?:0x|\S.* \+ 0x)"),
    returns=Returns.CALLERS,
    context=_context,
    complete=_complete,
    accept=_is_frame,
    before="  ",
    example=" 1  rbd-nbd + 0x4cd69",
)


def _pipe_context(body: str, context: Context) -> None:
    if body.startswith("Crash|"):
        _, title, _, thread, *_ = body.split("|") + [""] * 3
        context.title, context.current, context.crash = title, thread.strip(), True


def _complete_pipe(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    frame.located = frame.located or bool(match["file"])
    if frame.module_name is None:
        frame.address, frame.offset = frame.offset, None
    scan.threads[-1].crashed = match["thread"] == scan.context.current


MINIDUMP_PIPE = Family(
    format="minidump-pipe",
    hints=("|0x",),
    frame=re.compile(
        r"(?P<thread>\d{1,6})\|(?P<number>\d{1,6})\|(?P<module>[^|]*)\|(?P<slot>.*)\|(?P<file>[^|]*)\|[^|]*\|0x(?P<offset>[0-9a-fA-F]{1,16})$"
    ),
    damaged=re.compile(r"\d{1,6}\|\d{1,6}\|[^|]*\|.*\|[^|]*\|[^|]*\|"),
    returns=Returns.CALLERS,
    context=_pipe_context,
    complete=_complete_pipe,
    before="",
    example="0|1|rbd-nbd||||0x67704",
)
