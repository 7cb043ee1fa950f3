# SPDX-License-Identifier: MPL-2.0

"""The ``tecken`` command line: one module per command, each with a ``command``."""
