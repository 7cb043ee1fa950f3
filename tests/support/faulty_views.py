# SPDX-License-Identifier: MPL-2.0

"""``tecken`` with one more URL, ``/fault``, whose view fails: ``python faulty_views.py serve …``."""

import sys
import types

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tecken.commands.django import setup_django
from tecken.commands.main import main


def fault(request: HttpRequest) -> HttpResponse:
    """Fail, with what the client sent in reach."""
    token = request.headers["Auth-Token"]  # noqa: F841 - it must not be sent
    raise RuntimeError("this view fails")


if __name__ == "__main__":
    setup_django()
    from django.conf import settings

    from tecken.urls import urlpatterns

    with_fault = types.ModuleType("urls_with_fault")
    with_fault.urlpatterns = [path("fault", fault), *urlpatterns]  # type: ignore[attr-defined]
    with_fault.handler500 = "tecken.web.errors.handler500"  # type: ignore[attr-defined]
    sys.modules["urls_with_fault"] = with_fault
    settings.ROOT_URLCONF = "urls_with_fault"
    main()
