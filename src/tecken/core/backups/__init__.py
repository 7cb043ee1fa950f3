# SPDX-License-Identifier: MPL-2.0

"""Backups of what a server keeps in files: written, checked and restored."""
