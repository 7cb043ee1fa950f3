# SPDX-License-Identifier: MPL-2.0

"""``POST /upload/``, and what clients ask before it."""

from contextlib import closing

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, request_token
from tecken.upload.buckets import REGULAR_PERMISSION, destination_of, uploader_of
from tecken.upload.by_url import fetch_archive
from tecken.upload.check_request import read_check_request
from tecken.upload.form import UploadForm, take_form
from tecken.upload.presence import check_files
from tecken.upload.schemas import upload_answer
from tecken.upload.services import measured_upload
from tecken.web.codings import reads_gzip
from tecken.web.errors import csrf_failure
from tecken.web.private import open_to_all
from tecken.web.responses import iso_datetime, json_response

_API_VERSION = 1  # of uploads, for clients that have to know what a server can do


@open_to_all
@require_POST
def auth_info(request: HttpRequest) -> HttpResponse:
    """Tell whoever may upload who that is, and where its uploads go unless it says otherwise."""
    user = uploader_of(request)
    token = request_token(request)
    return json_response(
        {
            "email": user.email,
            "user_id": user.pk,
            "try_symbols": REGULAR_PERMISSION not in granted(request),
            "token_expires_at": iso_datetime(token.expires_at) if token else None,
            "upload_api_version": _API_VERSION,
        }
    )


@open_to_all
@require_POST
@reads_gzip
def check(request: HttpRequest) -> HttpResponse:
    """Tell of some files which an upload would store, and which it would skip."""
    user = uploader_of(request)
    asked = read_check_request(request)
    destination = destination_of(
        request, user, wants_try=asked.wants_try, bucket_name=asked.bucket_name
    )
    checked = check_files(destination.source, asked.files)
    return json_response({"missing": checked.missing, "present": checked.present})


@open_to_all
@csrf_exempt  # the check would read the body; see _take
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take an archive of symbols. What can be refused without the body is refused before it."""
    user = uploader_of(request)
    if _lacks_csrf_cookie(request):
        return csrf_failure(request, REASON_NO_CSRF_COOKIE)
    form = take_form(request)
    with closing(form.spool):
        return _take(request, user, form)


@csrf_protect
def _take(request: HttpRequest, user: User, form: UploadForm) -> HttpResponse:
    """Fetch the archive if there is only a URL of it, and store what is in it."""
    fields = form.fields
    destination = destination_of(
        request,
        user,
        wants_try=bool(fields.get("try")),
        bucket_name=fields.get("bucket_name", ""),
    )
    url = fields.get("url", "").strip()
    origin = fetch_archive(url, form.spool) if url else None
    stored = measured_upload(user, form.archive(), destination, origin)
    return json_response(upload_answer(stored), 201)


def _lacks_csrf_cookie(request: HttpRequest) -> bool:
    """Say whether the check of CSRF will fail whatever the form says."""
    exempt = ("csrf_processing_done", "_dont_enforce_csrf_checks")
    is_checked = not any(getattr(request, name, False) for name in exempt)
    return is_checked and settings.CSRF_COOKIE_NAME not in request.COOKIES
