# SPDX-License-Identifier: MPL-2.0

"""Zstandard, which Python has by itself from 3.14 on."""

import sys

if sys.version_info >= (3, 14):
    from compression.zstd import compress
else:
    from backports.zstd import compress

__all__ = ["compress"]
