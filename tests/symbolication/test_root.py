# SPDX-License-Identifier: MPL-2.0

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from tests.symbolication.conftest import XUL, Store, answer_of, error_of, one_job, post

from tecken.wsgi import application

# Called as by a server, the application looks after a connection that another test may have left.
pytestmark = pytest.mark.django_db

REQUEST = {"version": 4} | one_job([XUL], [[0, 0x1000]])


def test_post_is_v4(xul: Store) -> None:
    assert answer_of(post("/", REQUEST)) == answer_of(post("/symbolicate/v4", REQUEST))
    assert error_of(post("/", one_job([XUL]))) == (400, "Expect version==4")


def test_post_needs_no_content_type_and_no_csrf_token(xul: Store) -> None:
    response = Client(enforce_csrf_checks=True).post(
        "/", json.dumps(REQUEST), content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["get", "head"])
def test_everything_else_is_the_web_app(symbols: Store, method: str) -> None:
    response = getattr(Client(), method)("/", headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/")


def test_where_the_web_app_is_not_served_only_post_is_taken(
    symbols: Store, settings: Settings
) -> None:
    settings.SERVE_ONLY = ("symbolication",)
    assert error_of(Client().get("/")) == (405, "Must use HTTP POST")


def test_options_names_all_methods(symbols: Store) -> None:
    response = Client().options("/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"


def call(body: bytes, **environ: Any) -> tuple[str, dict[str, Any]]:
    """Ask the WSGI application, as a server does for a body whose length is not known."""
    statuses: list[str] = []
    base = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/symbolicate/v4",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
    }
    answer = application(base | environ, lambda status, _headers: statuses.append(status))
    content = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    return statuses[0], json.loads(content)


def test_a_chunked_body_is_read_without_a_length(xul: Store) -> None:
    status, answer = call(json.dumps(REQUEST).encode(), HTTP_TRANSFER_ENCODING="chunked")
    assert status == "200 OK"
    assert answer["knownModules"] == [True]


def test_a_chunked_body_is_read_no_further_than_the_limit(xul: Store, settings: Settings) -> None:
    settings.SYMBOLICATION_MAX_BODY_BYTES = 1000
    status, answer = call(b" " * 5_000, HTTP_TRANSFER_ENCODING="chunked")
    assert status.startswith("413")
    assert answer == {"error": "The request has 1,001 bytes; at most 1,000 are allowed"}


@pytest.mark.parametrize("length", ["0", "", "x", "-5"])
def test_a_body_without_a_length_is_empty(symbols: Store, length: str) -> None:
    status, answer = call(json.dumps(REQUEST).encode(), CONTENT_LENGTH=length)
    assert status.startswith("400")
    assert answer["error"].startswith("Invalid JSON passed in")


def test_a_declared_length_beyond_the_limit_is_refused_unread(
    symbols: Store, settings: Settings
) -> None:
    settings.SYMBOLICATION_MAX_BODY_BYTES = 1000
    status, answer = call(b"", CONTENT_LENGTH="123456")
    assert status.startswith("413")
    assert answer["error"].startswith("The request has 123,456 bytes")


def test_other_methods_are_told_what_the_url_answers(symbols: Store) -> None:
    response = Client().put("/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert response.json() == {"error": "Method Not Allowed (PUT): /"}
