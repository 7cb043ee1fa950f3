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
TEXTS = {
    "sample": SAMPLE,
    "visual-studio": VISUAL_STUDIO,
    "gdb": GDB,
    "windbg": WINDBG,
    "sanitizer": SANITIZER,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_stays_as_it_is(text: str) -> None:
    check(text)
