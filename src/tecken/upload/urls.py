# SPDX-License-Identifier: MPL-2.0

"""URLs of uploads."""

from django.urls import path, re_path

from tecken.upload.chunked import views as chunked
from tecken.upload.resumable import views as resumable
from tecken.upload.views import auth_info, check, upload

urlpatterns = [
    re_path(r"^upload/?$", upload),
    path("upload/auth_info/", auth_info),
    re_path(r"^upload/check/?$", check),
    re_path(r"^upload/resumable/?$", resumable.uploads),
    path("upload/resumable/<resumable_id>", resumable.upload),
    re_path(r"^api/0/?$", chunked.about_token),
    re_path(r"^api/0/organizations/(?P<organization>[^/]+)/chunk-upload/?$", chunked.chunk_upload),
    re_path(
        r"^api/0/projects/(?P<organization>[^/]+)/(?P<project>[^/]+)/files/difs/assemble/?$",
        chunked.assemble_files,
    ),
]
