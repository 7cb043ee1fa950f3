# SPDX-License-Identifier: MPL-2.0

"""Whether a file is here, and which other ids of a name are."""

from tecken.api.schemas.common import Shape


class FoundAnswer(Shape):
    """Where a symbol key is found; where it is missing, ``source``, ``size`` and ``url`` are null.

    ``size`` is in bytes as stored. ``pending`` is a sentence that says why a file that is not found will be there soon.
    """

    symbol_key: str
    found: bool
    source: str | None
    size: int | None
    url: str | None
    pending: str | None = None


class NearAnswer(Shape):
    """The ids of a debug file that are here: a few on each side of the one that was asked for.

    ``total`` is how many there are besides that one, counted up to 10,000.
    """

    debug_file: str
    debug_ids: list[str]
    total: int
