# SPDX-License-Identifier: MPL-2.0

"""Crash texts: one reader for all formats, and a writer that keeps every line that is no frame."""
