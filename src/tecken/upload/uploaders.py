# SPDX-License-Identifier: MPL-2.0

"""Who uploads by a request, and where that goes."""

from django.http import HttpRequest

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, require
from tecken.upload.buckets import (
    REGULAR_PERMISSION,
    TRY_PERMISSION,
    Destination,
    choose_destination,
)


def uploader_of(request: HttpRequest) -> User:
    """Return who asks, and may upload something. Raises NotPermittedError."""
    return require(request, REGULAR_PERMISSION, TRY_PERMISSION)


def destination_of(
    request: HttpRequest, user: User, *, wants_try: bool, bucket_name: str = ""
) -> Destination:
    """Return where an upload of a request goes, as ``choose_destination``."""
    may = granted(request)
    return choose_destination(user.email, may, wants_try=wants_try, bucket_name=bucket_name)
