# SPDX-License-Identifier: MPL-2.0

"""Symbol files that are derived from native files: when, by whom, in which processes, and what comes of it."""
