# SPDX-License-Identifier: MPL-2.0

"""A pool of worker processes: a function is run in one of them, with paths and plain values."""
