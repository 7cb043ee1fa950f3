# SPDX-License-Identifier: MPL-2.0

"""Native debug files (ELF and Mach-O with DWARF): what they are, and the Breakpad text that is derived from them."""
