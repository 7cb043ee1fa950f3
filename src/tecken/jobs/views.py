# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``/__task_tester__``."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tecken.jobs.tester import start_trial, trial_result


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def task_tester(request: HttpRequest) -> HttpResponse:
    """Start a task with POST; say with GET whether it ran."""
    if request.method == "POST":
        start_trial()
        return _text("Now make a GET request to this URL", 201)
    ran = trial_result()
    if ran is None:
        return _text("Make a POST request to this URL first", 400)
    return _text("It works!", 200) if ran else _text("The task did not run", 500)


def _text(line: str, status: int) -> HttpResponse:
    return HttpResponse(f"{line}\n", "text/plain; charset=utf-8", status)
