# SPDX-License-Identifier: MPL-2.0

"""Minidumps: whether a file is one, and what its modules are."""
