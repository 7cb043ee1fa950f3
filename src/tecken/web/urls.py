# SPDX-License-Identifier: MPL-2.0

"""The addresses of the web app's pages, with and without a final slash; ``/`` is not among them.

The app knows the same ones, in ``frontend/src/app/pages.json``.
"""

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from tecken.web.views import home

PAGES = (
    "uploads",
    "uploads/browse",
    "uploads/upload",
    "uploads/upload/<int:upload_id>",
    "uploads/created",
    "uploads/files",
    "uploads/files/file/<int:file_id>",
    "tokens",
    "all-tokens",
    "users",
    "users/<int:user_id>",
    "audit",
    "tasks",
    "sources",
    "downloads",
    "downloads/missing",
    "downloads/microsoft",
    "symbolication",
    "modules/<str:debug_file>",
    "help",
)

# Other methods are told so whether they have a CSRF token or not.
_page = csrf_exempt(home)
urlpatterns: list[URLPattern] = [
    path(f"{page}{slash}", _page) for page in PAGES for slash in ("", "/")
]
