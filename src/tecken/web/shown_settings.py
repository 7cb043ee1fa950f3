# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The effective settings as they may be shown: without credentials."""

import re
from collections.abc import Iterator, Mapping

from tecken.env import Reading

_MASK = "********"
_SECRET_NAME = re.compile(r"SECRET|PASSWORD|_TOKEN$|DSN$")
# As much as could be a password: up to the last "@", as one may have a slash or an "@" in it.
_USER_INFO = re.compile(r"://[^\s,]*@")
_SECRET_QUERY = re.compile(
    r"([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&,\s]*", re.IGNORECASE
)


def shown_settings(readings: Mapping[str, Reading]) -> Iterator[Reading]:
    """Yield every variable that was read, by name."""
    for reading in sorted(readings.values(), key=lambda reading: reading.name):
        yield Reading(reading.name, masked(reading.name, reading.text), reading.origin)


def masked(name: str, text: str) -> str:
    """Return a value without what nobody should read over a shoulder."""
    if text and _SECRET_NAME.search(name):
        return _MASK
    return _SECRET_QUERY.sub(rf"\1{_MASK}", _USER_INFO.sub(f"://{_MASK}@", text))
