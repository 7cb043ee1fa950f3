# SPDX-License-Identifier: MPL-2.0

"""Temporary files: on a disk that may be full, and of processes that may die."""
