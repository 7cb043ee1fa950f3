# SPDX-License-Identifier: MPL-2.0

"""``/api/uploads/``: one's own uploads, or all."""

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Form, Router

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, require_user
from tecken.api.access import (
    deletable_files,
    may_delete_all,
    may_view_all,
    require_deletable,
    signed_in,
)
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing
from tecken.api.schemas.uploads import (
    DeletedAnswer,
    DeleteForm,
    DeleteKeysForm,
    PossibleUrls,
    UploadAnswer,
    UploadFilesPage,
    UploadsPage,
    upload_detail,
)
from tecken.core.errors import NotPermittedError
from tecken.upload.buckets import possible_buckets
from tecken.upload.deriving.claims import modules_being_derived
from tecken.upload.models import FileUpload, Upload
from tecken.upload.selectors import listed_uploads, related_uploads
from tecken.upload.taking_back import UnknownKeysError, take_back_keys, take_back_upload
from tecken.web import filters

MAX_FILES = 1000  # in the answer of one upload; its list of files has all
MAX_RELATED = 50

router = Router(tags=["uploads"])


def by_user(_column: str, given: str) -> Q:
    """A part of the uploader's email; the few users are searched, not the many uploads.

    They are given as a list, from which the database can tell how many uploads there will be.
    """
    people = User.objects.filter(filters.text("email", given))
    return Q(user__in=list(people.values_list("pk", flat=True)))


LISTING = Listing(
    {
        "user": Filter(by_user, kind=filters.text, has_index=True),
        "filename": Filter(filters.text),
        "size": Filter(filters.size, has_index=True),
        "bucket_name": Filter(filters.text),
        "download_url": Filter(filters.text),
        "try_symbols": Filter(filters.yes_or_no),
        "created_at": Filter(filters.moment, has_index=True),
        "completed_at": Filter(filters.moment_or_null, has_index=True),
    },
    sorts=("created_at", "completed_at", "size"),
    default="-created_at",
    newest_by="created_at",
    search=FreeText(
        ("filename", "download_url", "bucket_name"),
        "A part of the name of the archive, of its URL or bucket in the newest uploads; in all of them a"
        " whole MD5, and a part with an `@` of the uploader's email.",
        whole=("content_hash",),
        email=lambda word: by_user("user", word),
    ),
)
FILES = Listing(
    {
        "key": Filter(filters.text),
        "size": Filter(filters.size),
        "created_at": Filter(filters.moment),
        "completed_at": Filter(filters.moment_or_null),
    },
    sorts=("key", "size", "created_at", "completed_at"),
    default="key",
    search=FreeText(("key",), "A part of the key."),
)


@router.get(
    "",
    auth=signed_in,
    response=UploadsPage,
    operation_id="list_uploads",
    openapi_extra=LISTING.extra(),
)
def list_uploads(request: HttpRequest) -> UploadsPage:
    """List uploads, the newest first: all of them for who may view all, else one's own."""
    visible = _visible(request)
    page = LISTING.page(listed_uploads(visible), request.GET)
    total = LISTING.total(visible, request.GET)
    return UploadsPage.of(page, uploads=page.rows, total=total, can_view_all=may_view_all(request))


@router.get(
    "_possible_upload_urls/",
    auth=signed_in,
    response=PossibleUrls,
    operation_id="list_possible_upload_urls",
)
def list_possible_upload_urls(request: HttpRequest) -> PossibleUrls:
    """List the buckets that one may upload to; none for who may not upload."""
    buckets = possible_buckets(require_user(request).email, granted(request))
    return PossibleUrls.model_validate({"urls": list(buckets)})


@router.get(
    "upload/{int:upload_id}", auth=signed_in, response=UploadAnswer, operation_id="get_upload"
)
def get_upload(request: HttpRequest, upload_id: int) -> UploadAnswer:
    """Tell of one upload, with its first 1,000 files, and other uploads of the same archive."""
    upload = _upload(request, upload_id)
    related = listed_uploads(related_uploads(upload) & _visible(request))
    files = upload.files.select_related("deleted_by").order_by("key", "pk")
    detail = upload_detail(
        upload, files[:MAX_FILES], related[:MAX_RELATED], modules_being_derived(upload)
    )
    return UploadAnswer(upload=detail)


@router.get(
    "upload/{int:upload_id}/files/",
    auth=signed_in,
    response=UploadFilesPage,
    operation_id="list_files_of_upload",
    openapi_extra=FILES.extra(),
)
def list_files_of_upload(request: HttpRequest, upload_id: int) -> UploadFilesPage:
    """List the files of one upload, by their keys."""
    of_upload = FileUpload.objects.filter(upload=_upload(request, upload_id))
    files = of_upload.select_related("deleted_by")
    page = FILES.page(files, request.GET)
    return UploadFilesPage.of(page, files=page.rows)


@router.delete(
    "upload/{int:upload_id}",
    auth=signed_in,
    response=DeletedAnswer,
    operation_id="delete_upload",
)
def delete_upload(request: HttpRequest, upload_id: int, asked: Form[DeleteForm]) -> DeletedAnswer:
    """Delete the files of an upload: one's own, or as a superuser anybody's. The rows stay, marked."""
    upload = get_object_or_404(Upload.objects.select_related("user"), pk=upload_id)
    require_deletable(request, upload)
    user = require_user(request)
    return DeletedAnswer.of(take_back_upload(upload, by=user, reason=asked.reason.strip()))


@router.post("delete", auth=signed_in, response=DeletedAnswer, operation_id="delete_keys")
def delete_keys(request: HttpRequest, asked: Form[DeleteKeysForm]) -> DeletedAnswer:
    """Delete all files of some keys: one's own, or as a superuser anybody's.

    All or nothing: when there is none of one's own under one of the keys, nothing is deleted.
    """
    try:
        taken_back = take_back_keys(
            asked.keys,
            deletable_files(request),
            by=require_user(request),
            reason=asked.reason.strip(),
            everybodys=may_delete_all(request),
        )
    except UnknownKeysError as error:
        raise Http404(str(error)) from error
    return DeletedAnswer.of(taken_back)


def _visible(request: HttpRequest) -> "QuerySet[Upload]":
    """Return the uploads that a request may see."""
    if may_view_all(request):
        return Upload.objects.all()
    return Upload.objects.filter(user=require_user(request))


def _upload(request: HttpRequest, upload_id: int) -> Upload:
    """Return an upload. Raises Http404, and NotPermittedError for that of another."""
    upload = get_object_or_404(listed_uploads(Upload.objects.all()), pk=upload_id)
    if upload.user_id != require_user(request).pk and not may_view_all(request):
        raise NotPermittedError("Forbidden")
    return upload
