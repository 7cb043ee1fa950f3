# SPDX-License-Identifier: MPL-2.0

"""The page of a sign-in link, and signing out."""

import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tecken.accounts.sessions import SIGNED_IN_URL, SIGNED_OUT_URL, sign_in, sign_out
from tecken.accounts.signin_links import owner_of_link, use_link
from tecken.core.errors import NotPermittedError
from tecken.web.clients import client_network
from tecken.web.headers import set_page_policy
from tecken.web.private import open_to_all

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in to Tecken</title>
<style nonce="{nonce}">
{style}
</style>
<main>
<svg viewBox="0 0 32 32" width="40" height="40" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#0a5c78"/>
<path d="M6 6.5h20v5H6zM12 13.5h8V17h-8zM12 22.5h8V26h-8z" fill="#fff"/><path d="M12 18h14v3.5H12z" fill="#ffc65c"/></svg>
<h1>Sign in to Tecken</h1>
{content}
</main>
</html>
"""
# As the web app looks, which a link must not wait for.
_STYLE = """:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; color: light-dark(#14191e, #e4e8ec); background: light-dark(#f5f7f8, #13171b); }
main { box-sizing: border-box; max-width: 26rem; margin: 12vh auto 2rem; padding: 2rem; overflow-wrap: anywhere;
  background: light-dark(#fff, #1c2127); border: 1px solid light-dark(#dde3e7, #303942); border-radius: 10px; }
h1 { margin: 1rem 0 0; font-size: 1.5rem; line-height: 1.3; }
a { color: light-dark(#0a5c78, #74c7e3); }
button { width: 100%; padding: 0.6rem 1rem; font: inherit; font-weight: 600; color: light-dark(#fff, #07222c); background: light-dark(#0a5c78, #74c7e3);
  border: 0; border-radius: 6px; cursor: pointer; }
button:hover { background: light-dark(#08475d, #9cd9ee); }
:focus-visible { outline: 2px solid light-dark(#0a5c78, #74c7e3); outline-offset: 2px; }"""
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
        return _page(format_html(_QUESTION, email, get_token(request), key))
    except NotPermittedError as refusal:
        return _page(format_html(_REFUSAL, refusal), status=403)


@open_to_all
@require_POST
def logout(request: HttpRequest) -> HttpResponseRedirect:
    """Sign out."""
    sign_out(request)
    return HttpResponseRedirect(SIGNED_OUT_URL)


def _page(content: SafeString, status: int = 200) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    page = HttpResponse(
        format_html(_PAGE, nonce=nonce, style=mark_safe(_STYLE), content=content),  # noqa: S308 - ours
        status=status,
    )
    set_page_policy(page, nonce)
    return page
