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
    lists = ("skipped_keys", "ignored_keys", "redirect_urls")
    texts = ("content_hash", "bucket_region", "bucket_endpoint_url", "download_url")
    filled = {name: row[name] or [] for name in lists} | {name: row[name] or "" for name in texts}
    return Upload(**{**row, **filled, "user_id": people.users[row["user_id"]].pk})


def _file(row: Row) -> FileUpload:
    """Return a file. How large it was before it was compressed nobody has noted: it is as stored."""
    parts: list[str] = ["", "", *row["key"].split("/")]
    debug_file, debug_id = parts[-3:-1]
    values = {name: row[name] for name in _FILE if name != "debug_filename"}
    filled = {name: row[name] or "" for name in ("code_file", "code_id", "generator")}
    filled["debug_file"] = row["debug_filename"] or debug_file
    filled["debug_id"] = row["debug_id"] or debug_id
    return FileUpload(**{**values, **filled, "original_size": row["size"]})
