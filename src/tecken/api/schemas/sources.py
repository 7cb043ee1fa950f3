# SPDX-License-Identifier: MPL-2.0

"""The sources that symbols come from."""

from datetime import datetime
from typing import Literal

from tecken.api.schemas.common import Shape


class SourceOutcomes(Shape):
    """What came of files that another symbol server was asked for, by this node since it started.

    ``pending`` are those whose symbols are to be derived, ``refused`` those that were not what was asked for.
    """

    found: int
    missing: int
    pending: int
    refused: int
    failed: int


class SourceFailure(Shape):
    """Why another server could not be asked the last time that this happened, within a week."""

    at: datetime
    reason: str


class SourceRow(Shape):
    """A source. ``location`` is where it is, without credentials.

    ``layout`` is how another symbol server is asked, and empty of a bucket; the outcomes, the ``stored_bytes`` that
    this node got of it since it started, and its last failure are null then. ``is_paused``: it has failed so often
    that it is left alone for a moment. ``failed_calls`` are those of the bucket that failed on this node.
    """

    name: str
    kind: Literal["bucket", "upstream"]
    location: str
    layout: str
    try_symbols: bool
    public: bool
    is_paused: bool
    failed_calls: int
    outcomes: SourceOutcomes | None
    stored_bytes: int | None
    last_failure: SourceFailure | None


class SourcesList(Shape):
    """All sources, in the order in which they are asked."""

    sources: list[SourceRow]
    upstream_cache_bytes: int | None
    upstream_cache_max_bytes: int | None
