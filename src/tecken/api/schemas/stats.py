# SPDX-License-Identifier: MPL-2.0

"""Counts of days."""

import datetime

from tecken.api.schemas.common import Shape


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
