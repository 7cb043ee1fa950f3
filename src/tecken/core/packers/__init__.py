# SPDX-License-Identifier: MPL-2.0

"""Processes that read and pack large members of archives, beside the one that answers requests."""
