# SPDX-License-Identifier: MPL-2.0

"""The page of a sign-in link, and signing out."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tecken.accounts.sessions import SIGNED_IN_URL, SIGNED_OUT_URL, sign_in, sign_out
from tecken.accounts.signin_links import owner_of_link, use_link
from tecken.core.errors import NotPermittedError
from tecken.web.clients import client_network
from tecken.web.private import open_to_all

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in to Tecken</title>
<main>
<h1>Sign in to Tecken</h1>
{}
</main>
</html>
"""
_QUESTION = """<p>You will be signed in as <strong>{}</strong>.</p>
<form method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="{}">
<input type="hidden" name="key" value="{}">
<button>Sign in</button>
</form>"""
_REFUSAL = """<p>{} The command <code>tecken signin-link</code> makes another.</p>
<p><a href="/">To the front page</a></p>"""


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def signin_link(request: HttpRequest) -> HttpResponse:
    """Ask who opens the link, and sign in who agrees.

    Programs that look at links before people do (previews, scanners of mail) send GET alone, which
    must not use it up. Nor is anybody signed in as somebody else by a link that was slipped to them.
    """
    client = client_network(request)
    try:
        if request.method == "POST":
            sign_in(request, use_link(request.POST.get("key", ""), client), how="link")
            return HttpResponseRedirect(SIGNED_IN_URL)
        key = request.GET.get("key", "")
        email = owner_of_link(key, client).email
        return HttpResponse(_page(format_html(_QUESTION, email, get_token(request), key)))
    except NotPermittedError as refusal:
        return HttpResponse(_page(format_html(_REFUSAL, refusal)), status=403)


@open_to_all
@require_POST
def logout(request: HttpRequest) -> HttpResponseRedirect:
    """Sign out."""
    sign_out(request)
    return HttpResponseRedirect(SIGNED_OUT_URL)


def _page(content: SafeString) -> SafeString:
    return format_html(_PAGE, content)
