# SPDX-License-Identifier: MPL-2.0

"""The parts that the URLs are divided into, so that a process can answer some of them only."""

PARTS = ("web", "upload", "download", "symbolication")
