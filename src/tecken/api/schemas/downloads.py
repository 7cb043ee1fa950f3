# SPDX-License-Identifier: MPL-2.0

"""What was asked for and is not here, and what was looked up at Microsoft's."""

from datetime import datetime

from tecken.api.schemas.common import PageShape, Shape
from tecken.download.microsoft.models import MicrosoftDownload


class MissingRow(Shape):
    """A missing symbol, with the module that it was needed for. ``count`` is a number of days."""

    id: int
    symbol: str
    debugid: str
    filename: str
    code_file: str
    code_id: str
    count: int
    created_at: datetime
    modified_at: datetime


class MissingPage(PageShape):
    """Missing symbols."""

    missing: list[MissingRow]


class StoredFile(Shape):
    """The file that a lookup stored; sizes are in bytes, ``size`` as stored."""

    id: int
    bucket_name: str
    key: str
    update: bool
    size: int | None
    original_size: int


class MicrosoftRow(Shape):
    """A lookup. Once it is over it has an ``error``, or a ``file``, or was ``skipped``."""

    id: int
    url: str
    symbol: str
    debugid: str
    filename: str
    error: str | None
    skipped: bool
    file: StoredFile | None
    created_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, row: MicrosoftDownload) -> "MicrosoftRow":
        """Return the shape of a lookup, whose file should be there already."""
        return cls(
            id=row.pk,
            url=row.url,
            symbol=row.debug_file,
            debugid=row.debug_id,
            filename=row.symbol_file,
            error=row.error or None,
            skipped=row.skipped,
            file=StoredFile.model_validate(row.file) if row.file else None,
            created_at=row.created_at,
            completed_at=row.completed_at,
        )


class MicrosoftPage(PageShape):
    """Lookups at Microsoft's symbol server."""

    microsoft_downloads: list[MicrosoftRow]
