# SPDX-License-Identifier: MPL-2.0

"""A text that was written once stays as it is, also where a symbol has calls but no line (found by fuzzing)."""

import pytest
from tests.property.test_crash_texts import check

SAMPLE = """\
            2469 ???  (in rbd-nbd)  load address 0x104898000 + 0x37d9f  [0x1048cfd9f]
                2469 ???  (in libc.so.6)  load address 0x104aec000 + 0x12b597  [0x104c17597]"""
VISUAL_STUDIO = """\
 \tntdll.dll!00007ff8cabaaa58()\tUnknown
00007ff8`6ae30000 00007ff8`6b030000   ntdll      (pdb symbols)          C:\\sym\\ntdll.pdb"""
GDB = """\
0x00005581953ec000 0x00005581953ef000 0x3000             0x108b000          /usr/bin/radosgw
#1  0x000055819477110f in ?? ()
#2  <signal handler called>
#3  0x00007f9a7b08c             0x1ff000           /opt/vendor/lib/libvendorcrypt.so.3
0x00007fffff40 in ?? () from /lib/x86_64-linux-gnu/libc.so.6
#6  0x0000558195094654 in ?? ()"""

WINDBG = """\
01 00000042`379e9070 00007ff6`101dabed     store+0x12c568 [0x7f7ad8171568]
01 00000042`379e9070 00007ff6`101dabed     store+0x8a2ed"""
SANITIZER = """\
    #7 0x5571ec45e48c  (/usr/bin/radosgw+0x63e48c) (BuildId: 274df499577065dfceb61adc36b2519600fe37a4)
    #7 0x5571ec45e48c -gnu/libc.so.6+0xa5b0c) (BuildId: 93f70d1a8ae34f8e63c223f1500327fbd717f871)"""
NO_ADDRESS = (
    "    #2  (/usr/bin/rbd-nbd+0x2c34f) (BuildId: 2d17729767ecf16104912411a3025bdbc7be16e2)"
)
KERNEL_AND_WINDBG = """\
11-27 08:14:52.201 2383  2383 F DEBUG   : 01 00000042`379e9070 00007ff6`101dabed     store+0x8a2ed
[ 4494.244218] Call Trace:
[ 4494.244248]  <TASK>
[ 4494.44285]  blk_mq_ch3 0x7f12a4b0b2e3 libfoo.soeck_expired+0xed/0x1f0
[ 4494.244311]  ? bt_iter+0xd4/0x2c0
02 00000042`0f1f8210 00007ff8`73771371     store+0x65f98"""
COLOURED = f"11-27 08:14:52.201  2383  2383 F a\x1b[DEBUG   : {SAMPLE}"
TEXTS = {
    "sample": SAMPLE,
    "visual-studio": VISUAL_STUDIO,
    "gdb": GDB,
    "windbg": WINDBG,
    "sanitizer": SANITIZER,
    "no-address": NO_ADDRESS,
    "kernel-and-windbg": KERNEL_AND_WINDBG,
    "coloured": COLOURED,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_stays_as_it_is(text: str) -> None:
    check(text)
