# SPDX-License-Identifier: MPL-2.0

"""Linux' kernel log: segmentation faults of programs, and its own oopses and panics.

Layout: mm/memory.c print_vma_addr: ``in NAME[OFFSET,START+SIZE]``, of which the first number is an offset in
the file; older kernels print ``NAME[START+SIZE]`` of one mapping, which is not the base. An oops: ``RIP:
0010:FUNCTION+0xOFFSET/0xSIZE [MODULE]`` and the same below ``Call Trace:`` (arch/x86/kernel/dumpstack.c);
``pc :`` on arm64. A frame of an oops is known by name alone, and looked up so where the name is unique.

Returns: segfault lines exact; oops by name, all -1 but for the instruction pointer.
"""

import re

from tecken.core.crash_texts.model import Frame, Returns
from tecken.core.crash_texts.scan import Context, Family, Scan


def _complete_segfault(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    thread = scan.threads[-1]
    thread.name, thread.crashed = match["thread"], True
    if scan.title is None and len(scan.threads) == 1:
        scan.title = f"{match['thread']}{match['what']}"


SEGFAULT = Family(
    format="kernel-segfault",
    hints=("segfault at ", "traps: ", "general protection "),
    frame=re.compile(
        r"(?:traps: )?(?P<start>)(?P<thread>\S+\[\d+\])(?P<what>: segfault at [0-9a-f]+|:? (?:trap )?[a-z]\D*?)"
        r" ip[ :](?P<address>[0-9a-f]{1,16}) .* in (?P<module>[^\[\]]+)\[(?:(?P<offset>[0-9a-f]{1,16}),)?[0-9a-f]{1,16}\+[0-9a-f]{1,16}\]"
        r"(?: likely on CPU [^)]*\))?(?: (?P<slot>\S.*?))?$"
    ),
    crashes=None,
    complete=_complete_segfault,
    example="[ 2289.621283] rbd-nbd[89770]: segfault at 1d ip 000055b0fdc53ae9 sp 00007ffc0d76d63d error 4 in rbd-nbd[63ae9,55b0fdc15000+69000]",
)

_TITLE = re.compile(
    r"(?P<title>BUG: .*|Unable to handle kernel .*|Oops: general protection fault.*|general protection fault.*"
    r"|kernel BUG at .*|Kernel panic - not syncing.*|WARNING: CPU: .*|INFO: task .*|(?:watchdog: )?BUG: .*)"
)
_FAR = 100  # lines
_THREAD = re.compile(r"CPU: .*PID: \d+ Comm: (?P<thread>\S+(?: \S+)*?) (?:Not tainted|Tainted)")


def _oops_context(body: str, context: Context) -> None:
    if match := _TITLE.match(body):
        if not context.crash:
            context.title = match["title"].strip()
        context.crash = context.found = True
    elif match := _THREAD.match(body):
        context.thread = match["thread"]


def _is_oops(match: re.Match[str], scan: Scan) -> bool:
    """After the end of a trace the registers are printed again."""
    if match["pointer"]:
        return not (scan.family is OOPS and _has_ended(scan))
    return scan.family is OOPS or _follows_trace(scan)


def _has_ended(scan: Scan) -> bool:
    """Say whether a trace has ended shortly before this line, and no other oops has begun since."""
    for number in range(scan.at - 1, max(scan.last, scan.at - _FAR), -1):
        body = scan.body(number)
        if _TITLE.match(body):
            return False
        if "end trace" in body:
            return True
    return False


def _follows_trace(scan: Scan) -> bool:
    return any("all trace:" in line.lower() for line in scan.lines_before(scan.at, 4))


def _complete_oops(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    name = match["module"]
    frame.module_name = f"{name}.ko" if name else "vmlinux"
    frame.function_offset, frame.by_name = int(match["function_offset"], 16), True
    scan.after_handler = match["pointer"] is not None


OOPS = Family(
    format="kernel-oops",
    near=80,
    hints=("/0x",),
    frame=re.compile(
        r"(?P<pointer>RIP: [0-9a-f]{4}:|pc : |PC is at )?\s*(?:\[<[0-9a-f]{8,16}>\] )?(?:\? )?(?P<function>[A-Za-z_.$][\w.$]*)\+0x(?P<function_offset>[0-9a-f]{1,8})/0x[0-9a-f]{1,8}"
        r"(?: \[(?P<module>[\w-]+)[^\]]*\])?(?: (?P<slot>\S.*?))?$"
    ),
    damaged=re.compile(r"\s*(?:\? )?[A-Za-z_.$][\w.$]*\+0x"),
    returns=Returns.ALL,
    context=_oops_context,
    accept=_is_oops,
    complete=_complete_oops,
    example="[ 4494.243822]  nvme_timeout+0x2a/0x320 [nvme]",
)
