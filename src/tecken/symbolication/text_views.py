# SPDX-License-Identifier: MPL-2.0

"""``POST /symbolicate/text``: the text of a crash in, the same with its frames named out."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from tecken.core.crash_texts.model import CrashText
from tecken.symbolication.admission import must_post, read_body
from tecken.symbolication.crash_answers import CrashRequest, answer_crash, read_crash
from tecken.symbolication.text_form import read_text_request
from tecken.web.codings import reads_gzip
from tecken.web.cors import any_origin
from tecken.web.private import reads_symbols


@reads_symbols
@csrf_exempt
@any_origin("POST")
@reads_gzip
def text(request: HttpRequest) -> HttpResponseBase:
    """Answer a crash text, or a form that has one, as text or as JSON."""
    if request.method != "POST":
        return must_post()
    wanted = CrashRequest.of(request, "text")

    def read(body: bytes) -> tuple[CrashText, str]:
        sent = read_text_request(request.headers.get("Content-Type", ""), body)
        return read_crash(sent, wanted.guess), sent.encoding

    crash, encoding = read_body(request, read)
    return answer_crash(wanted, crash, encoding)
