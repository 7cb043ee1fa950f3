# SPDX-License-Identifier: MPL-2.0

"""``/api/uploads/files/``: the files that uploads, or another symbol server, brought."""

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Form, Router

from tecken.accounts.permissions import require_user
from tecken.api.access import auditor, may_view_all, require_deletable, signed_in
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing, choice
from tecken.api.schemas.uploads import (
    DeletedAnswer,
    DeleteForm,
    FileAnswer,
    FileDetail,
    FilesPage,
    SourcesAnswer,
)
from tecken.core.errors import NotPermittedError
from tecken.core.identifiers import parse_stored_key
from tecken.download.live import source_states
from tecken.upload.models import FileUpload
from tecken.upload.taking_back import take_back_file
from tecken.web import filters

router = Router(tags=["files"])


LISTING = Listing(
    {
        "key": Filter(filters.text, has_index=True),
        "size": Filter(filters.size, has_index=True),
        "bucket_name": Filter(filters.text),
        "debug_file": Filter(filters.text, has_index=True),
        "debug_id": Filter(filters.text, has_index=True),
        "created_at": Filter(filters.moment, has_index=True),
        "completed_at": Filter(filters.moment_or_null, has_index=True),
        # Files without an upload are those that came from Microsoft's symbol server.
        "download": choice({"microsoft": lambda: Q(upload=None)}, has_index=True),
    },
    sorts=("created_at", "completed_at", "size", "key"),
    default="-created_at",
    newest_by="created_at",
    search=FreeText(
        ("key", "code_file", "code_id"),
        "A part of the key, the code file or the code id in the newest files; in all of them a whole key or"
        " name of a debug file or code file, a whole build id, and the first six or more digits of a debug id.",
        whole=("key", "code_file"),
        names=("debug_file",),
        ids=("debug_id",),
    ),
)


@router.get(
    "", auth=auditor, response=FilesPage, operation_id="list_files", openapi_extra=LISTING.extra()
)
def list_files(request: HttpRequest) -> FilesPage:
    """List the files of all uploads, the newest first."""
    page = LISTING.page(
        FileUpload.objects.select_related("upload__user", "deleted_by"), request.GET
    )
    total = LISTING.total(FileUpload.objects.all(), request.GET)
    return FilesPage.of(page, files=page.rows, total=total)


@router.get("file/{int:file_id}", auth=signed_in, response=FileAnswer, operation_id="get_file")
def get_file(request: HttpRequest, file_id: int) -> FileAnswer:
    """Tell of one file."""
    return FileAnswer(file=FileDetail.of(_file(request, file_id)))


@router.get(
    "file/{int:file_id}/sources",
    auth=signed_in,
    response=SourcesAnswer,
    operation_id="check_sources_of_file",
)
def check_sources_of_file(request: HttpRequest, file_id: int) -> SourcesAnswer:
    """Ask each source now whether it has the symbol key of a file."""
    file = _file(request, file_id)
    states = list(source_states(parse_stored_key(file.symbol_key)))
    return SourcesAnswer.model_validate({"symbol_key": file.symbol_key, "sources": states})


@router.delete(
    "file/{int:file_id}", auth=signed_in, response=DeletedAnswer, operation_id="delete_file"
)
def delete_file(request: HttpRequest, file_id: int, asked: Form[DeleteForm]) -> DeletedAnswer:
    """Delete one file: one's own, or as a superuser anybody's. Its row stays, marked."""
    file = get_object_or_404(FileUpload.objects.select_related("upload"), pk=file_id)
    require_deletable(request, file.upload)
    user = require_user(request)
    return DeletedAnswer.of(take_back_file(file, by=user, reason=asked.reason.strip()))


def _file(request: HttpRequest, file_id: int) -> FileUpload:
    """Return a file. Raises Http404, and NotPermittedError for one of another's upload."""
    file = get_object_or_404(
        FileUpload.objects.select_related("upload__user", "deleted_by"), pk=file_id
    )
    owner = file.upload and file.upload.user_id
    if owner != require_user(request).pk and not may_view_all(request):
        raise NotPermittedError("Forbidden")
    return file
