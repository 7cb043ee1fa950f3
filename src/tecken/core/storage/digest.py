# SPDX-License-Identifier: MPL-2.0

"""What two files must share to be the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Digest:
    """``size`` in bytes, ``md5`` in hexadecimal."""

    size: int
    md5: str
