# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Which bucket an upload goes to."""

from collections.abc import Collection
from dataclasses import dataclass

from tecken.core.storage.sources import Source
from tecken.web.sources import upload_source

REGULAR_PERMISSION = "upload.upload_symbols"
TRY_PERMISSION = "upload.upload_try_symbols"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the files of an upload are stored, and whether that is the place of try symbols."""

    source: Source
    try_symbols: bool


def choose_destination(permissions: Collection[str], *, wants_try: bool) -> Destination:
    """Choose by what the request may do and what it asks for.

    Who may only upload try symbols never writes anywhere else, whatever the form says.
    """
    try_symbols = wants_try or REGULAR_PERMISSION not in permissions
    return Destination(upload_source(try_symbols=try_symbols), try_symbols)
