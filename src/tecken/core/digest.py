# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What two files must share to be the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Digest:
    """``size`` in bytes, ``md5`` in hexadecimal."""

    size: int
    md5: str
