# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The error of ISA-L's inflaters, under a name with a type."""

from typing import cast

from isal import isal_zlib

# The library's type hints call the class an instance of Exception.
InflateError = cast("type[Exception]", isal_zlib.error)
