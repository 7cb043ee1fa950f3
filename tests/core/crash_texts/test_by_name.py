# SPDX-License-Identifier: MPL-2.0

"""The kernel's frames, of which only names are known."""

from pathlib import Path

import pytest

from tecken.commands.offline import FolderSupplier
from tecken.core.crash_texts.answer import answer_of
from tecken.core.crash_texts.naming import name_frames
from tecken.core.crash_texts.reader import read_crash_text
from tecken.core.crash_texts.writer import write_text

KERNEL_ID, MODULE_ID = "AB" * 16 + "0", "CD" * 16 + "0"
KERNEL = """FILE 0 main.c
FUNC 1000 40 0 oops_here
1000 11 1 0
1011 2f 2 0
FUNC 2000 40 0 caller
2000 10 3 0
2010 30 4 0
FUNC 3000 40 0 twice
3000 40 5 0
FUNC 4000 40 0 twice
4000 40 6 0
"""
MODULE = "FILE 0 nvme.c\nPUBLIC 50 0 other\nFUNC 100 40 0 nvme_timeout\n100 40 7 0\n"
OOPS = """\
[ 4494.243830] BUG: kernel NULL pointer dereference, address: 0000000000000018
[ 4494.243908] CPU: 3 UID: 0 PID: 3896 Comm: kworker/3:1H Not tainted 6.12.57+deb13-amd64 #1
[ 4494.243981] RIP: 0010:oops_here+0x11/0x40
[ 4494.244218] Call Trace:
[ 4494.244248]  <TASK>
[ 4494.244285]  caller+0x10/0x40
[ 4494.244311]  ? twice+0x4/0x40
[ 4494.244312]  nvme_timeout+0x2a/0x40 [nvme_core]
[ 4494.244313]  gone+0x2a/0x40
[ 4494.244461] ---[ end trace 0000000000000000 ]---
[ 4494.244462] RIP: 0010:oops_here+0x11/0x40
"""


@pytest.fixture
def supplier(tmp_path: Path) -> FolderSupplier:
    for name, debug_id, text in (
        ("vmlinux", KERNEL_ID, KERNEL),
        ("nvme-core.ko", MODULE_ID, MODULE),
    ):
        path = tmp_path / name / debug_id / f"{name}.sym"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return FolderSupplier(tmp_path)


def test_kernel_frames_are_found_by_names_that_are_unique(supplier: FolderSupplier) -> None:
    modules = f"vmlinux {KERNEL_ID}\nnvme-core.ko {MODULE_ID}\n"
    named = name_frames(read_crash_text(OOPS, modules), supplier)
    answer = answer_of(named)
    [thread] = answer.threads
    assert [(frame.function, frame.line_number, frame.found) for frame in thread.frames] == [
        ("oops_here", 2, True),
        ("caller", 3, True),
        ("twice", None, False),
        ("nvme_timeout", 7, True),
        ("gone", None, False),
    ]
    assert [frame.module_offset for frame in thread.frames] == [None] * 5
    written = write_text(named)
    assert "  nvme_timeout+0x2a/0x40 [nvme_core] nvme_timeout at nvme.c:7\n" in written
    again = name_frames(read_crash_text(written, modules), supplier)
    assert write_text(again) == written


def test_without_ids_they_stay_as_they_are(supplier: FolderSupplier) -> None:
    named = name_frames(read_crash_text(OOPS), supplier)
    assert write_text(named) == OOPS


def test_each_of_several_oopses_has_its_instruction_pointer() -> None:
    crash = read_crash_text(OOPS + "[ 4495.000000] usb 1-1: new device\n" + OOPS)
    assert [len(thread.frames) for thread in crash.threads] == [5, 5]
    assert [thread.crashed for thread in crash.threads] == [True, True]
    assert [thread.frames[0].adjust for thread in crash.threads] == [0, 0]
