# SPDX-License-Identifier: MPL-2.0

"""Metrics of uploads."""

from tecken.accounts.models import User
from tecken.core.archives.archive import Archive
from tecken.core.errors import RefusedError
from tecken.upload.buckets import Destination
from tecken.upload.by_url import Origin
from tecken.upload.services import StoredUpload, store_upload
from tecken.upload.spool import SpooledArchive
from tecken.web.metrics import (
    UPLOAD_BYTES,
    UPLOAD_IGNORED,
    UPLOAD_REFUSED,
    UPLOAD_SKIPPED,
    UPLOAD_STORED,
    UPLOADS,
)


def measured_upload(
    user: User,
    spooled: SpooledArchive,
    destination: Destination,
    origin: Origin | None = None,
    archive: Archive | None = None,
) -> StoredUpload:
    """Do what ``store_upload`` does, and note it."""
    try:
        with UPLOADS.timing():
            stored = store_upload(user, spooled, destination, origin, archive)
    except RefusedError:
        UPLOAD_REFUSED.add()
        raise
    UPLOAD_BYTES.add(spooled.size)
    UPLOAD_STORED.add(len(stored.files))
    UPLOAD_SKIPPED.add(len(stored.upload.skipped_keys))
    UPLOAD_IGNORED.add(len(stored.upload.ignored_keys))
    return stored
