# SPDX-License-Identifier: MPL-2.0

"""URLs of uploads."""

from django.urls import path, re_path

from tecken.upload.resumable import views as resumable
from tecken.upload.views import auth_info, check, upload

urlpatterns = [
    re_path(r"^upload/?$", upload),
    path("upload/auth_info/", auth_info),
    re_path(r"^upload/check/?$", check),
    re_path(r"^upload/resumable/?$", resumable.uploads),
    path("upload/resumable/<resumable_id>", resumable.upload),
]
