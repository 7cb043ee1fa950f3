# SPDX-License-Identifier: MPL-2.0

"""The web app's page. Its assets are served by ``tecken.web.assets``."""

import json
import secrets
from collections.abc import Callable
from html import escape
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse

from tecken.core.errors import TeckenError
from tecken.web.headers import set_page_policy
from tecken.web.sentry import dsn_origin

# What the build writes where the policy's nonce belongs (``cspNonce`` in frontend/vite.config.ts).
NONCE_PLACEHOLDER = b"__CSP_NONCE__"
# Where frontend/index.html wants what this answer has more than another.
HEAD_PLACEHOLDER = b"<!-- head -->"

# Name -> the JSON that the app would ask the API for first.
_facts: dict[str, Callable[[HttpRequest], str]] = {}
# A text in a script ends with its first `</script`, and may begin a comment of HTML.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def tell_page(name: str, fact: Callable[[HttpRequest], str]) -> None:
    """Have the page told of something by its name, so that it need not ask: ``fact`` returns JSON."""
    _facts[name] = fact


def app_page(request: HttpRequest, status: int = 200) -> HttpResponse:
    """Answer with the built ``index.html``, who asks and what the app asks for first within it.

    It has a nonce of its own and who asks in every answer, and so no ETag, and is kept nowhere.
    """
    try:
        text = (settings.WEB_APP_DIR / "index.html").read_bytes()
    except FileNotFoundError:
        message = "The web app is not built: run `make build`.\n"
        response = HttpResponse(message, "text/plain; charset=utf-8", status)
    else:
        nonce = secrets.token_urlsafe(16)
        head = _preloads(request.path_info, settings.WEB_APP_DIR) + _told(request)
        text = text.replace(HEAD_PLACEHOLDER, head.encode())
        response = HttpResponse(text.replace(NONCE_PLACEHOLDER, nonce.encode()), status=status)
        set_page_policy(response, nonce, connect_to=dsn_origin(settings.SENTRY_PUBLIC_DSN))
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept"
    return response


def _told(request: HttpRequest) -> str:
    """Return the element with the facts; without them where they cannot be had: the app asks itself."""
    try:
        facts = ",".join(f"{json.dumps(name)}:{fact(request)}" for name, fact in _facts.items())
    except (DatabaseError, TeckenError):  # the database is down; the person is blocked
        return ""
    text = f"{{{facts}}}".translate(_ESCAPES)
    return f'<script type="application/json" id="told">{text}</script>'


def _preloads(path: str, folder: Path) -> str:
    """Return links to the code and the styles of the page at a path, which come with those of the frame.

    The build lists them by the app's route, in ``pages.json``.
    """
    try:
        pages: dict[str, list[str]] = json.loads((folder / "pages.json").read_bytes())
    except FileNotFoundError:
        return ""
    parts = path.strip("/").split("/")
    found = next((assets for route, assets in pages.items() if _fits(route.split("/"), parts)), [])
    return "".join(map(_link, found))


def _fits(route: list[str], parts: list[str]) -> bool:
    return len(route) == len(parts) and all(
        wanted.startswith(":") or wanted == part for wanted, part in zip(route, parts, strict=True)
    )


def _link(asset: str) -> str:
    url = escape(f"/{asset}")
    if asset.endswith(".css"):
        return f'<link rel="stylesheet" crossorigin href="{url}">'
    return f'<link rel="modulepreload" crossorigin href="{url}">'
