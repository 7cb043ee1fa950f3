# SPDX-License-Identifier: MPL-2.0

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path

from tecken.accounts.models import User
from tecken.core.concurrency.at_once import map_at_once
from tecken.upload.pool import run_in_pool
from tecken.urls import urlpatterns as product_urls
from tecken.web.request_ids import current_request_id, for_request


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"a", b"b"])


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user.is_authenticated}")


urlpatterns = [path("stream", stream), path("who", who), *product_urls]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def fields(caplog: pytest.LogCaptureFixture) -> object:
    caplog.set_level(logging.DEBUG, "tecken.web.request_log")

    def fields() -> dict[str, object]:
        [record] = [r for r in caplog.records if r.name == "tecken.web.request_log"]
        assert record.levelno == logging.INFO
        found: dict[str, object] = record.fields  # type: ignore[attr-defined]
        return found

    return fields


def test_a_line_says_what_was_asked_and_what_was_answered(client: Client, fields) -> None:
    answer = client.get("/no/such?token=hush", headers={"Accept": "application/json"})
    found = fields()
    assert 0 < found.pop("ms") < 10_000
    assert found == {
        "method": "GET",
        "path": "/no/such",
        "status": 404,
        "bytes": len(answer.content),
        "user": None,
    }


def test_a_path_cannot_forge_a_line(client: Client, fields) -> None:
    client.get("/a%0A2026-11-24%20ERROR", headers={"Accept": "application/json"})
    assert fields()["path"] == "/a%0A2026-11-24%20ERROR"


def test_the_length_of_a_streamed_answer_is_not_known(client: Client, fields) -> None:
    client.get("/stream")
    assert fields()["bytes"] is None


@pytest.mark.django_db
def test_a_signed_in_person_is_named_by_number(client: Client, fields) -> None:
    user = User.objects.create(email="builder@example.com")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/who").content == b"True"
    assert fields()["user"] == user.pk


@pytest.mark.django_db
def test_who_asks_is_not_looked_up_for_the_log(
    client: Client, fields, django_assert_num_queries
) -> None:
    user = User.objects.create(email="builder@example.com")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    with django_assert_num_queries(0):
        client.get("/stream")
    assert fields()["user"] is None


def test_questions_of_load_balancers_are_for_debugging(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tecken.web.request_log")
    client.get("/__lbheartbeat__")
    assert [record.levelno for record in caplog.records] == [logging.DEBUG]


@pytest.mark.parametrize("proposed", ["1-67891233-abcdef", "A" * 64, "a_b.c"])
def test_the_id_of_a_proxy_is_taken(client: Client, proposed: str) -> None:
    answer = client.get("/__lbheartbeat__", headers={"X-Request-ID": proposed})
    assert answer["X-Request-ID"] == proposed


@pytest.mark.parametrize("proposed", ["", "a b", "a\x1b[31m", "A" * 65, "ä", "a/b"])
def test_an_odd_id_is_replaced(client: Client, proposed: str) -> None:
    answer = client.get("/__lbheartbeat__", headers={"X-Request-ID": proposed})
    assert len(answer["X-Request-ID"]) == 16
    assert int(answer["X-Request-ID"], 16) >= 0


def test_threads_that_work_for_a_request_have_its_id() -> None:
    def id_here(_item: int) -> str:
        return current_request_id()

    with ThreadPoolExecutor(1) as other, for_request("r1"):
        assert set(map_at_once(id_here, range(4), at_once=2)) == {"r1"}
        assert {found for _, found in run_in_pool(id_here, range(4))} == {"r1"}
        assert other.submit(current_request_id).result() == "-"
    assert current_request_id() == "-"
