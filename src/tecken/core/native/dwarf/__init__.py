# SPDX-License-Identifier: MPL-2.0

"""A reader of DWARF, versions 2 to 5: functions, inlined calls and lines, and nothing else of it."""
