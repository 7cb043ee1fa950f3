# SPDX-License-Identifier: MPL-2.0

import json
import logging

import pytest
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.decorators.http import require_POST

from tecken.core.errors import (
    ArchiveRefusedError,
    BeingFetchedError,
    BusyError,
    CrowdedError,
    InvalidNameError,
    InvalidRequestError,
    LimitExceededError,
    MalformedSymbolFileError,
    ModuleUnreachableError,
    NoRoomError,
    NotPermittedError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
)
from tecken.urls import urlpatterns as product_urls
from tecken.web.errors import answer_error
from tecken.web.errors import handler400 as handler400
from tecken.web.errors import handler500 as handler500

ERRORS: list[tuple[Exception, int]] = [
    (InvalidRequestError("wrong"), 400),
    (InvalidNameError("a\\b", "contains invalid characters"), 400),
    (ArchiveRefusedError("File is not a zip file"), 400),
    (MalformedSymbolFileError("empty"), 400),
    (SuspiciousOperation("odd"), 400),
    (BadRequest("no UTF-8"), 400),
    (NotPermittedError("Forbidden"), 403),
    (PermissionDenied("Forbidden"), 403),
    (ObjectNotFoundError("symbols", "v1/a"), 404),
    (Http404("No such upload"), 404),
    (LimitExceededError("too much"), 413),
    (RequestDataTooBig("too much"), 413),
    (BusyError("too many at once"), 429),
    (StorageUnavailableError("symbols", "v1/a", "timed out"), 503),
    (BeingFetchedError("upstream", "v1/a", "it is still asked"), 503),
    (CrowdedError("symbols", "v1/a", "too many ask it"), 503),
    (ObjectChangedError("symbols", "v1/a"), 503),
    (NoRoomError("symbols", "v1/a", "the disk is full"), 503),
    (OperationalError("database is locked"), 503),
    (RuntimeError("a fault"), 500),
]


def fails(request: HttpRequest, number: int) -> HttpResponse:
    raise ERRORS[number][0]


@require_POST
def only_post(request: HttpRequest) -> HttpResponse:
    raise AssertionError


urlpatterns = [path("fails/<int:number>", fails), path("upload/", only_post), *product_urls]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("number", range(len(ERRORS)), ids=lambda n: repr(ERRORS[n][0]))
def test_every_error_has_a_status_and_a_sentence(client: Client, number: int) -> None:
    error, status = ERRORS[number]
    client.raise_request_exception = False
    response = client.get(f"/fails/{number}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    if status != 500 and not isinstance(error, OperationalError):
        assert response.json() == {"error": str(error)}


@pytest.mark.parametrize("number", [n for n, (_, status) in enumerate(ERRORS) if status == 503])
def test_a_client_is_told_when_to_come_again(client: Client, number: int) -> None:
    assert int(client.get(f"/fails/{number}")["Retry-After"]) > 0


def test_a_fault_tells_the_client_nothing_and_the_log_all(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False
    response = client.get(f"/fails/{len(ERRORS) - 1}")
    assert response.json() == {"error": "Internal Server Error"}
    assert "a fault" in caplog.text


def test_trouble_with_a_service_is_one_line_of_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    number = next(n for n, (error, _) in enumerate(ERRORS) if "timed out" in str(error))
    client.get(f"/fails/{number}")
    lines = [record for record in caplog.records if record.name == "tecken.web.errors"]
    assert [line.exc_info for line in lines] == [None]
    assert lines[0].getMessage() == (
        f"GET /fails/{number}: StorageUnavailableError: symbols: v1/a: timed out"
    )


@pytest.mark.parametrize("kind", [BeingFetchedError, CrowdedError])
def test_that_another_server_is_slow_or_many_ask_is_no_error_of_this_one(
    client: Client, caplog: pytest.LogCaptureFixture, kind: type[Exception]
) -> None:
    number = next(n for n, (error, _) in enumerate(ERRORS) if isinstance(error, kind))
    with caplog.at_level(logging.INFO):
        client.get(f"/fails/{number}")
    [line] = [record for record in caplog.records if record.name == "tecken.web.errors"]
    assert (line.levelname, line.exc_info) == ("INFO", None)


def test_nor_where_a_module_could_not_be_asked_for(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    cause = CrowdedError("symbols", "v1/a", "too many ask it")
    error = ModuleUnreachableError("a.pdb/1", cause)
    error.__cause__ = cause
    with caplog.at_level(logging.INFO):
        assert answer_error(rf.get("/symbolicate/v5"), error).status_code == 503
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_a_wrong_method_is_named_with_the_right_ones(client: Client) -> None:
    response = client.get("/upload/")
    assert response.status_code == 405
    assert response.json() == {"error": "Method Not Allowed (GET): /upload/"}
    assert response["Allow"] == "POST"


def test_an_unrouted_url_is_named(client: Client) -> None:
    for response in (client.get("/no/where"), client.post("/no/where")):
        assert response.status_code == 404
        assert response.json() == {"error": "Not Found", "path": "/no/where"}


def test_the_path_of_an_unrouted_url_is_named_with_debug_too(client: Client, settings) -> None:
    settings.DEBUG = True
    assert client.get("/no/where").json()["path"] == "/no/where"
    assert client.get("/fails/0").json() == {"error": "wrong"}


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("*/*", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html", True),
    ],
)
def test_only_who_prefers_html_gets_the_not_found_page(
    client: Client, accept: str, page: bool
) -> None:
    response = client.get("/no/where", headers={"Accept": accept})
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html") is page


def test_an_unknown_host_is_a_bad_request(client: Client) -> None:
    response = client.get("/", headers={"Host": "evil.example.com"})
    assert response.status_code == 400
    assert "evil.example.com" in response.json()["error"]


def test_trouble_outside_of_a_view_is_answered_in_json(rf) -> None:
    try:
        raise OperationalError("no database")
    except OperationalError:
        response = handler500(rf.get("/"))
    assert response.status_code == 503
    assert json.loads(response.content) == {"error": "The database cannot be used now"}


def test_a_session_that_posts_needs_csrf(settings) -> None:
    settings.ROOT_URLCONF = __name__
    response = Client(enforce_csrf_checks=True).post("/upload/")
    assert response.status_code == 403
    assert response.json()["error"].startswith("CSRF verification failed.")
