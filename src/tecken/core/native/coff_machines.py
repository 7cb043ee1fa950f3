# SPDX-License-Identifier: MPL-2.0

"""What Breakpad calls the processors of Windows. Source: Microsoft's "PE Format", "Machine Types"."""

from typing import Final

COFF_MACHINES: Final = {
    0x14C: "x86",
    0x1C0: "arm",
    0x1C2: "arm",
    0x1C4: "arm",
    0x8664: "x86_64",
    0xA641: "arm64",  # ARM64EC
    0xAA64: "arm64",
}
