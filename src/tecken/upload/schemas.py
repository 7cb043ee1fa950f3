# SPDX-License-Identifier: MPL-2.0

"""The JSON of an upload's answer."""

from tecken.upload.models import FileUpload
from tecken.upload.services import StoredUpload
from tecken.web.responses import iso_datetime


def upload_answer(stored: StoredUpload) -> dict[str, object]:
    """Return the body of a 201. ``warnings``, ``skipped`` and most of ``files`` are additions to the original's keys.

    Clients look for what was skipped by the names that they sent, so these are not objects' keys.
    """
    upload = stored.upload
    return {
        "upload": {
            "id": upload.pk,
            "size": upload.size,
            "filename": upload.filename,
            "bucket": upload.bucket_name,
            "region": upload.bucket_region or None,
            "download_url": upload.download_url or None,
            "try_symbols": upload.try_symbols,
            "redirect_urls": upload.redirect_urls,
            "completed_at": iso_datetime(upload.completed_at),
            "created_at": iso_datetime(upload.created_at),
            "user": upload.user.email,
            "skipped_keys": [skipped.name for skipped in stored.skipped],
            "skipped": [{"name": s.name, **_file(s.row)} for s in stored.skipped],
            "ignored_keys": upload.ignored_keys,
            "files": [_file(file) for file in stored.files],
            "warnings": stored.warnings,
        }
    }


def _file(file: FileUpload) -> dict[str, object]:
    return {
        "key": file.key,
        "size": file.size,
        "update": file.update,
        "compressed": file.compressed,
        "original_size": file.original_size,
        "kind": file.kind,
        "arch": file.arch,
        "debug_file": file.debug_file,
        "debug_id": file.debug_id,
        "code_file": file.code_file,
        "code_id": file.code_id,
        "has": file.features,
        "derived": file.derived,
        "derivation": file.derivation,
        "problem": file.problem,
    }
