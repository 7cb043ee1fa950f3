# SPDX-License-Identifier: MPL-2.0

"""Uploads and their files."""

from datetime import date

from tecken.commands.import_tecken.people import People
from tecken.commands.import_tecken.rows import Counted, add_new
from tecken.commands.import_tecken.source import Row, Source
from tecken.upload.models import FileUpload, Upload

_UPLOAD = (
    *("id", "user_id", "filename", "size", "content_hash", "bucket_name", "bucket_region"),
    *("bucket_endpoint_url", "try_symbols", "skipped_keys", "ignored_keys", "download_url"),
    *("redirect_urls", "created_at", "completed_at"),
)
_FILE = (
    *("id", "upload_id", "bucket_name", "key", "update", "compressed", "size", "debug_filename"),
    *("debug_id", "code_file", "code_id", "generator", "created_at", "completed_at"),
)


def import_uploads(source: Source, people: People) -> tuple[Counted, set[date]]:
    """Bring uploads; return the days on which they were, too.

    Those of people who were left out are left out as well.
    """
    counted = Counted()
    days: set[date] = set()
    for rows in source.batches("upload_upload", _UPLOAD):
        uploads = [_upload(row, people) for row in rows if row["user_id"] in people.users]
        counted.left_out += len(rows) - len(uploads)
        if uploads:
            here = add_new(uploads, lambda upload: (upload.filename, upload.created_at), counted)
            _complete(here, uploads)
            days |= {upload.created_at.date() for upload in uploads}
    return counted, days


def import_files(source: Source) -> Counted:
    """Bring the files of uploads that are here, and those of no upload."""
    counted = Counted()
    for rows in source.batches("upload_fileupload", _FILE):
        ids = {row["upload_id"] for row in rows} - {None}
        here = set(Upload.objects.filter(pk__in=ids).values_list("pk", flat=True)) | {None}
        files = [_file(row) for row in rows if row["upload_id"] in here]
        counted.left_out += len(rows) - len(files)
        if files:
            _complete(add_new(files, lambda file: (file.bucket_name, file.key), counted), files)
    return counted


def _complete(
    here: "list[Upload] | list[FileUpload]", there: "list[Upload] | list[FileUpload]"
) -> None:
    """Note what has been completed there since it was brought."""
    completed = {row.pk: row.completed_at for row in there}
    for row in here:
        if row.completed_at is None and completed[row.pk] is not None:
            row.completed_at = completed[row.pk]
            row.save(update_fields=["completed_at"])


def _upload(row: Row, people: People) -> Upload:
    return Upload(
        pk=row["id"],
        user=people.users[row["user_id"]],
        filename=row["filename"],
        size=row["size"],
        content_hash=row["content_hash"] or "",
        bucket_name=row["bucket_name"],
        bucket_region=row["bucket_region"] or "",
        bucket_endpoint_url=row["bucket_endpoint_url"] or "",
        try_symbols=row["try_symbols"],
        skipped_keys=row["skipped_keys"] or [],
        ignored_keys=row["ignored_keys"] or [],
        download_url=row["download_url"] or "",
        redirect_urls=row["redirect_urls"] or [],
        created_at=row["created_at"],
        completed_at=row["completed_at"],
    )


def _file(row: Row) -> FileUpload:
    """Return a file. How large it was before it was compressed nobody has noted: it is as stored."""
    parts: list[str] = ["", "", *row["key"].split("/")]
    debug_file, debug_id = parts[-3:-1]
    return FileUpload(
        pk=row["id"],
        upload_id=row["upload_id"],
        bucket_name=row["bucket_name"],
        key=row["key"],
        update=row["update"],
        compressed=row["compressed"],
        size=row["size"],
        original_size=row["size"],
        debug_file=row["debug_filename"] or debug_file,
        debug_id=row["debug_id"] or debug_id,
        code_file=row["code_file"] or "",
        code_id=row["code_id"] or "",
        generator=row["generator"] or "",
        created_at=row["created_at"],
        completed_at=row["completed_at"],
    )
