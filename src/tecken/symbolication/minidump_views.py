# SPDX-License-Identifier: MPL-2.0

"""``POST /symbolicate/minidump``: a minidump in, its stacks out, as ``/symbolicate/text`` answers them.

Nothing of the dump is kept beyond the request, nor logged.
"""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from tecken.core.concurrency.semaphores import WeightedSemaphore
from tecken.core.minidumps.modules import module_code_ids
from tecken.core.symbolicate import Module
from tecken.symbolication.admission import admitted_to_parse, must_post
from tecken.symbolication.crash_answers import CrashRequest, answer_crash, read_crash
from tecken.symbolication.minidump_body import (
    check_declared_length,
    hold_minidump,
    take_minidump,
)
from tecken.symbolication.stackwalk import walk_stacks
from tecken.symbolication.text_form import TextRequest
from tecken.web.clients import client_is_there
from tecken.web.codings import reads_gzip
from tecken.web.cors import any_origin
from tecken.web.private import reads_symbols
from tecken.web.responses import json_error

# A dump weighs its size, but never little: a program is started for it, and takes a processor. So two are walked
# at the same time, or one that is large. Fewer wait than large bodies have threads.
_LEAST_BYTES = 8 * 1024 * 1024
_walked = WeightedSemaphore(
    2 * _LEAST_BYTES, 2.0, "Too many minidumps are being read: try again later", max_waiting=1
)


@reads_symbols
@csrf_exempt
@any_origin("POST")
@reads_gzip
def minidump(request: HttpRequest) -> HttpResponseBase:
    """Answer a minidump, or a form that has one, as text or as JSON."""
    if request.method != "POST":
        return must_post()
    if not settings.MINIDUMP_STACKWALK_PATH:
        return json_error(
            "This server reads no minidumps: its DJANGO_MINIDUMP_STACKWALK_PATH is not set. The text that"
            " minidump-stackwalk prints can be sent to /symbolicate/text",
            501,
        )
    wanted = CrashRequest.of(request, "minidump")
    check_declared_length(request)
    sent, code_ids = _walk(request)
    content = sent.text.encode(errors="surrogateescape")
    with admitted_to_parse(content):
        crash = read_crash(sent, wanted.guess)
    for module in crash.modules:
        known = code_ids.get((module.debug_file, module.debug_id or ""))
        module.code_id = module.code_id or known
    return answer_crash(wanted, crash, sent.encoding)


def _walk(request: HttpRequest) -> tuple[TextRequest, Mapping[Module, str]]:
    """Return what the dump's stacks are, and the code ids of its modules."""
    with hold_minidump() as held:
        size = take_minidump(request, held.file)
        code_ids = module_code_ids(held.file, size)
        with _walked.carrying(max(size, _LEAST_BYTES)):
            walked = walk_stacks(
                held.path, held.symbols, lambda: client_is_there(request), code_ids
            )
            return walked, code_ids
