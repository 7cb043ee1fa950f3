# SPDX-License-Identifier: MPL-2.0

"""Breakpad symbol files: their records, index, seekable form and lookup."""
