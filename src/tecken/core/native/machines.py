# SPDX-License-Identifier: MPL-2.0

"""What Breakpad calls processors. Source: Breakpad's ``DumpSymbols`` and ``HeaderInfo``."""

from typing import Final

# By the machine of an ELF header (gabi, "e_machine").
ELF_MACHINES: Final = {
    3: "x86",
    8: "mips",
    20: "ppc",
    21: "ppc64",
    22: "s390",
    40: "arm",
    43: "sparcv9",
    62: "x86_64",
    183: "arm64",
    243: "riscv64",
    258: "loongarch64",
}

# What differs from that by the bytes of an address.
ELF_MACHINES_OF_SIZE: Final = {(8, 8): "mips64", (243, 4): "riscv"}

# By the processor of a Mach-O header (mach/machine.h).
MACH_O_PROCESSORS: Final = {
    7: "x86",
    0x01000007: "x86_64",
    12: "arm",
    0x0100000C: "arm64",
    0x0200000C: "arm64_32",
    18: "ppc",
    0x01000012: "ppc64",
}

# By the machine of a COFF header (Microsoft's "PE Format", "Machine Types").
COFF_MACHINES: Final = {
    0x14C: "x86",
    0x1C0: "arm",
    0x1C2: "arm",
    0x1C4: "arm",
    0x8664: "x86_64",
    0xA641: "arm64",  # ARM64EC
    0xAA64: "arm64",
}
