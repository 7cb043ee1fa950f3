# SPDX-License-Identifier: MPL-2.0

from collections.abc import Iterator

import pytest
from django.test import RequestFactory
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tecken.web.request_kinds import KINDS, kind_of

SYMBOL = "/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"


def kind(method: str, path: str) -> str:
    request = RequestFactory().generic(method, path)
    try:
        request.resolver_match = resolve(path)
    except Resolver404:
        request.resolver_match = None
    return kind_of(request)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/symbolicate/v5", "symbolicate_v5"),
        ("POST", "/symbolicate/v4", "symbolicate_v4"),
        ("POST", "/", "symbolicate_v4"),
        ("GET", "/", "page"),
        ("GET", "/uploads/files", "page"),
        ("GET", SYMBOL, "download"),
        ("GET", f"/try{SYMBOL}", "download"),
        ("GET", "/_files/symbols/v1/a", "download"),
        ("POST", "/upload/", "upload"),
        ("GET", "/api/stats/", "api"),
        ("GET", "/api/schema.json", "api"),
        ("GET", "/api/syminfo/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2", "api"),
        ("GET", "/__heartbeat__", "heartbeat"),
        ("GET", "/__version__", "about"),
        ("GET", "/metrics", "metrics"),
        ("GET", "/oidc/callback/", "signin"),
        ("GET", "/no/where", "other"),
    ],
)
def test_the_view_decides_of_which_kind_a_request_is(method: str, path: str, expected: str) -> None:
    assert kind(method, path) == expected


def test_what_no_view_answers_is_an_asset_or_something_else() -> None:
    request = RequestFactory().get("/assets/app.js")
    assert kind_of(request) == "asset"
    assert kind_of(RequestFactory().get("/elsewhere")) == "other"


def views(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            yield pattern


def test_every_view_has_one_of_few_kinds() -> None:
    for pattern in views(get_resolver().url_patterns):
        request = RequestFactory().get("/")
        request.resolver_match = type("Match", (), {"func": pattern.callback})()
        assert kind_of(request) in KINDS, pattern
