# SPDX-License-Identifier: MPL-2.0

"""``/api/stats/``: what happened on the last days."""

import datetime
from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from tecken.accounts.models import User
from tecken.accounts.permissions import request_token, require_user
from tecken.accounts.tokens.models import Token
from tecken.api.access import signed_in
from tecken.api.schemas.common import Shape
from tecken.download.days import downloads_by_day
from tecken.download.microsoft.selectors import lookups_by_day
from tecken.symbolication.daily_counts import symbolications_by_day
from tecken.upload.daily import created_since
from tecken.upload.models import UploadsCreated


class UploadFigures(Shape):
    """How many uploads there were, the bytes of their archives, and the files that were stored."""

    count: int
    total_size: int
    total_size_human: str
    files: int


class DownloadFigures(Shape):
    """Downloads (GET) that were found and that were not, and lookups at Microsoft's."""

    found: int
    missing: int
    microsoft: int


class Figures(Shape):
    """What happened in a time."""

    uploads: UploadFigures
    downloads: DownloadFigures
    symbolications: int


class DayFigures(Figures):
    """What happened on a day (UTC)."""

    date: datetime.date


class TokenFigures(Shape):
    """One's own tokens."""

    total: int
    active: int
    expired: int


class UserFigures(Shape):
    """All users."""

    total: int
    active: int
    superusers: int


class Stats(Shape):
    """Figures of the whole server; ``per_day`` has 30 days, today last. ``users`` is for superusers.

    What has just happened may not be counted yet: uploads of the last seconds, say.
    """

    today: Figures
    yesterday: Figures
    last_30_days: Figures
    per_day: list[DayFigures]
    tokens: TokenFigures
    users: UserFigures | None


class StatsAnswer(Stats):
    """The figures, and the same as ``stats``, where older clients look for them."""

    stats: Stats


class UploadPeriods(Shape):
    """Uploads of some times."""

    today: UploadFigures
    yesterday: UploadFigures
    this_month: UploadFigures


class UploadStats(Shape):
    """Uploads."""

    uploads: UploadPeriods


class Today(Shape):
    """A count of today, and of yesterday."""

    today: int
    yesterday: int


class Versions(Shape):
    """Requests by the version of the interface."""

    v4: Today
    v5: Today


class SymbolicationStats(Shape):
    """Symbolications."""

    symbolications: Versions


DAYS = 30

router = Router(tags=["statistics"], auth=signed_in)


@router.get("stats/", response=StatsAnswer, operation_id="get_stats")
def get_stats(request: HttpRequest) -> StatsAnswer:
    """Count what happened today, yesterday and on each of the last 30 days."""
    days = _days()
    stats = Stats(
        today=_sum(days[-1:]),
        yesterday=_sum(days[-2:-1]),
        last_30_days=_sum(days),
        per_day=days,
        tokens=_tokens(request),
        users=_users(request),
    )
    return StatsAnswer(stats=stats, **stats.model_dump())


@router.get("stats/uploads/", response=UploadStats, operation_id="get_upload_stats")
def get_upload_stats(request: HttpRequest) -> UploadStats:
    """Count uploads of today, yesterday and this month."""
    today = _today()
    yesterday = today - datetime.timedelta(days=1)
    month = today.replace(day=1)
    rows = created_since(min(month, yesterday))
    periods = UploadPeriods(
        today=_uploads(row for day, row in rows.items() if day == today),
        yesterday=_uploads(row for day, row in rows.items() if day == yesterday),
        this_month=_uploads(row for day, row in rows.items() if day >= month),
    )
    return UploadStats(uploads=periods)


@router.get(
    "stats/symbolication/", response=SymbolicationStats, operation_id="get_symbolication_stats"
)
def get_symbolication_stats(request: HttpRequest) -> SymbolicationStats:
    """Count requests for symbolication of today and yesterday."""
    yesterday, today = symbolications_by_day(2)
    versions = {
        version: Today(today=today.of(version), yesterday=yesterday.of(version))
        for version in ("v4", "v5")
    }
    return SymbolicationStats(symbolications=Versions.model_validate(versions))


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _days() -> list[DayFigures]:
    """Return the figures of the last days, the oldest first."""
    downloads = downloads_by_day(DAYS)
    uploads = created_since(downloads[0].date)
    lookups = lookups_by_day(downloads[0].date)
    symbolications = {counted.date: counted.total for counted in symbolications_by_day(DAYS)}
    return [
        DayFigures(
            date=day.date,
            uploads=_uploads(filter(None, [uploads.get(day.date)])),
            downloads=DownloadFigures(
                found=day.found, missing=day.missing, microsoft=lookups.get(day.date, 0)
            ),
            symbolications=symbolications.get(day.date, 0),
        )
        for day in downloads
    ]


def _sum(days: Sequence[DayFigures]) -> Figures:
    names = ("found", "missing", "microsoft")
    downloads = _totals([day.downloads for day in days], *names)
    return Figures(
        uploads=_upload_figures(
            *_totals([day.uploads for day in days], "count", "total_size", "files")
        ),
        downloads=DownloadFigures(**dict(zip(names, downloads, strict=True))),
        symbolications=sum(day.symbolications for day in days),
    )


def _uploads(rows: Iterable[UploadsCreated]) -> UploadFigures:
    return _upload_figures(*_totals(list(rows), "count", "size", "files"))


def _totals(rows: Sequence[object], *names: str) -> list[int]:
    """Return the sums of what the rows have by each name."""
    return [sum(getattr(row, name) for row in rows) for name in names]


def _upload_figures(count: int, size: int, files: int) -> UploadFigures:
    return UploadFigures(
        count=count, total_size=size, total_size_human=human_size(size), files=files
    )


def human_size(size: int) -> str:
    """Return ``"117.7 MB"`` for a number of bytes; units are powers of 1024."""
    number, units = float(size), ["bytes", "KB", "MB", "GB", "TB", "PB"]
    while round(number, 1) >= 1024 and len(units) > 1:
        number /= 1024
        units.pop(0)
    return f"{number:.1f} {units[0]}" if units[0] != "bytes" else f"{size} bytes"


def _tokens(request: HttpRequest) -> TokenFigures:
    own = Token.objects.filter(user=require_user(request))
    total, expired = own.count(), own.filter(expires_at__lte=timezone.now()).count()
    return TokenFigures(total=total, active=total - expired, expired=expired)


def _users(request: HttpRequest) -> UserFigures | None:
    if not require_user(request).is_superuser or request_token(request) is not None:
        return None
    return UserFigures(
        total=User.objects.count(),
        active=User.objects.filter(is_active=True).count(),
        superusers=User.objects.filter(is_superuser=True).count(),
    )
