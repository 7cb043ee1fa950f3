# SPDX-License-Identifier: MPL-2.0

"""``/__task_tester__``."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tecken.jobs.tester import Trial, start_trial, trial_result
from tecken.web.private import open_to_all

_ANSWERS = {
    Trial.NOT_ASKED: ("Make a POST request to this URL first", 400),
    Trial.RAN: ("It works!", 200),
    Trial.DID_NOT_RUN: ("The task did not run", 500),
    Trial.FORGOTTEN: ("The cache does not keep what it is given", 500),
}


@open_to_all
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def task_tester(request: HttpRequest) -> HttpResponse:
    """Start a task with POST; say with GET whether it ran."""
    if request.method == "POST":
        start_trial()
        return _text("Now make a GET request to this URL", 201)
    return _text(*_ANSWERS[trial_result()])


def _text(line: str, status: int) -> HttpResponse:
    return HttpResponse(f"{line}\n", "text/plain; charset=utf-8", status)
