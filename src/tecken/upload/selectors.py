# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What other applications ask about uploads."""

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from tecken.upload.models import FileUpload, Upload

_MAX_ROWS = 100  # the newest; an id that has more is no id


@dataclass(frozen=True, slots=True)
class UploadedModule:
    """How an uploaded symbol file called its module; what it did not tell is empty."""

    debug_file: str
    debug_id: str
    code_file: str
    code_id: str
    generator: str


def modules_of_code_id(
    code_file: str, code_id: str, *, with_try: bool
) -> tuple[UploadedModule, ...]:
    """Return the modules with this code file and code id (in any case), the newest first.

    Those of try builds come last, if at all. A symbol file of Linux or macOS tells of a code id
    alone: there, the code file has the name of the debug file.
    """
    return _modules(_of_code_id(code_file, code_id.upper()), with_try=with_try)


def modules_of_debug_id(
    debug_file: str, debug_id: str, *, with_try: bool
) -> tuple[UploadedModule, ...]:
    """Return the modules with this debug file and debug id (in any case), in the same order."""
    files = FileUpload.objects.filter(debug_file=debug_file, debug_id=debug_id.upper())
    # Binaries tell nothing.
    return _modules(files.exclude(code_id="", generator=""), with_try=with_try)


def related_uploads(upload: Upload) -> "QuerySet[Upload]":
    """Return the other uploads of the same archive, the newest first."""
    same = Upload.objects.filter(content_hash=upload.content_hash)
    return same.exclude(pk=upload.pk).order_by("-pk")


def _of_code_id(code_file: str, code_id: str) -> "QuerySet[FileUpload]":
    named = Q(code_file=code_file) | Q(code_file="", debug_file=code_file)
    return FileUpload.objects.filter(named, code_id=code_id)


def _modules(files: "QuerySet[FileUpload]", *, with_try: bool) -> tuple[UploadedModule, ...]:
    if not with_try:
        files = files.exclude(upload__try_symbols=True)
    regular_first = F("upload__try_symbols").asc(nulls_first=True)  # null: there is no upload
    stored = files.filter(completed_at__isnull=False).order_by(regular_first, "-pk")
    rows = stored.values_list("debug_file", "debug_id", "code_file", "code_id", "generator")
    return tuple(dict.fromkeys(UploadedModule(*row) for row in rows[:_MAX_ROWS]))
