# SPDX-License-Identifier: MPL-2.0

"""``/api/_sources/``: where symbols come from and how that goes, for superusers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from tecken.api.access import superuser
from tecken.api.schemas.common import Shape
from tecken.core.storage.source_urls import location_of
from tecken.core.storage.sources import Source
from tecken.web.metric_values import TALLIES, Key
from tecken.web.metrics import STORAGE_ERRORS, UPSTREAM_BYTES, UPSTREAMS
from tecken.web.sources import all_sources, is_paused, try_source
from tecken.web.upstreams import cache_bytes, last_failure


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


router = Router(tags=["operations"], auth=superuser)

Counts = Mapping[Key, list[float]]


@router.get("_sources/", response=SourcesList, operation_id="list_sources")
def list_sources(request: HttpRequest) -> SourcesList:
    """List the sources in the order in which they are asked; none of them is asked for it."""
    counts = TALLIES.totals()
    sources = all_sources()
    has_upstreams = any(source.upstream is not None for source in sources)
    return SourcesList(
        sources=[_row(source, counts) for source in sources],
        upstream_cache_bytes=cache_bytes() if has_upstreams else None,
        upstream_cache_max_bytes=settings.UPSTREAM_CACHE_MAX_BYTES if has_upstreams else None,
    )


def _row(source: Source, counts: Counts) -> SourceRow:
    is_upstream = source.upstream is not None
    return SourceRow(
        name=source.name,
        kind="upstream" if is_upstream else "bucket",
        location=_location(source),
        layout=parse_qs(urlsplit(source.url).query).get("layout", [""])[0] if is_upstream else "",
        try_symbols=source == try_source(),
        public=source.public,
        is_paused=is_paused(source),
        failed_calls=int(_sum(counts, STORAGE_ERRORS.key, source.name)),
        outcomes=_outcomes(counts, source.name) if is_upstream else None,
        stored_bytes=int(_sum(counts, UPSTREAM_BYTES.key, source.name)) if is_upstream else None,
        last_failure=_failure(source) if is_upstream else None,
    )


def _location(source: Source) -> str:
    """Return ``https://symbols.example.com/path``, or the folder or bucket, with its prefix."""
    if source.upstream is not None:
        parts = urlsplit(source.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"
    location = location_of(source.url)
    return "/".join(filter(None, (location.host, location.bucket, location.prefix)))


def _outcomes(counts: Counts, name: str) -> SourceOutcomes:
    found = {
        outcome: sum(cells[:-1])
        for (key, *labels), cells in counts.items()
        if key == UPSTREAMS.key and labels[1:] == [name]
        for outcome in labels[:1]
    }
    return SourceOutcomes(
        **{outcome: int(found.get(outcome, 0)) for outcome in SourceOutcomes.model_fields}
    )


def _sum(counts: Counts, metric: str, name: str) -> float:
    """Return what was counted of a source; its name is the last label."""
    return sum(
        cells[0] for (key, *labels), cells in counts.items() if key == metric and labels[-1] == name
    )


def _failure(source: Source) -> SourceFailure | None:
    failure = last_failure(source.name)
    return failure and SourceFailure(at=failure.at, reason=failure.reason)
