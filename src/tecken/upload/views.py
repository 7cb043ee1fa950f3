# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``POST /upload/``."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, require
from tecken.upload.buckets import REGULAR_PERMISSION, TRY_PERMISSION, choose_destination
from tecken.upload.by_url import fetch_archive
from tecken.upload.measures import measured_upload
from tecken.upload.schemas import upload_answer
from tecken.upload.spool import Spool, new_spool
from tecken.web.drain import declared_length
from tecken.web.responses import json_response


@csrf_exempt  # the check would read the body before the spool is there for it; see _take
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take an archive of symbols. What can be refused without the body is refused before it."""
    user = require(request, REGULAR_PERMISSION, TRY_PERMISSION)
    with new_spool() as spool:
        spool.check_length(declared_length(request.META) or 0)
        request.upload_handlers = [spool]
        return _take(request, user, spool)


@csrf_protect
def _take(request: HttpRequest, user: User, spool: Spool) -> HttpResponse:
    """Read the body, fetch the archive if it has only a URL, and store what is in it."""
    destination = choose_destination(
        user.email,
        granted(request),
        wants_try=bool(request.POST.get("try")),
        bucket_name=request.POST.get("bucket_name", ""),
    )
    url = request.POST.get("url", "").strip()
    origin = fetch_archive(url, spool) if url else None
    stored = measured_upload(user, spool.archive(), destination, origin)
    return json_response(upload_answer(stored), 201)
