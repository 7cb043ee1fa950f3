# SPDX-License-Identifier: MPL-2.0

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from tests.api.conftest import SignIn
from tests.upload.examples import make_token

from tecken.accounts.models import AuditEntry, User
from tecken.accounts.tokens.models import Token

URL = "/api/tokens/"


def permission(codename: str) -> int:
    return Permission.objects.get(codename=codename).pk


@pytest.fixture
def browser(uploader: User, sign_in: SignIn) -> Client:
    return sign_in(uploader)


def test_a_token_is_made_and_its_key_told_once(browser: Client, client: Client) -> None:
    form = {"permissions": [permission("upload_symbols")], "expires": 10, "notes": "nightly"}
    response = browser.post(URL, form, content_type="application/json")
    assert response.status_code == 201
    made = response.json()
    assert (made["notes"], made["is_expired"], made["last_used_at"]) == ("nightly", False, None)
    assert made["key"].startswith(made["key_prefix"])
    days = Token.objects.get().expires_at - timezone.now()
    assert timedelta(days=9.99) < days <= timedelta(days=10)
    asked = client.get("/api/_auth/", headers={"Auth-Token": made["key"]}).json()
    assert asked["user"]["email"] == "uploader@example.com"
    [listed] = browser.get(URL).json()["tokens"]
    assert "key" not in listed
    assert listed["id"] == made["id"]


@pytest.mark.parametrize("multipart", [True, False])
def test_a_form_makes_the_same_token(browser: Client, multipart: bool, settings) -> None:
    settings.TOKENS_DEFAULT_EXPIRATION_DAYS = 7
    form = f"permissions={permission('upload_symbols')}&notes=a+form"
    if multipart:
        made = browser.post(URL, {"permissions": [permission("upload_symbols")], "notes": "a form"})
    else:
        made = browser.post(URL, form, content_type="application/x-www-form-urlencoded")
    assert made.status_code == 201, made.content
    assert made.json()["notes"] == "a form"
    assert Token.objects.get().expires_at <= timezone.now() + timedelta(days=7)


def test_without_its_final_slash_the_url_takes_a_form_too(browser: Client) -> None:
    form = {"permissions": [permission("upload_symbols")]}
    assert browser.post(URL.rstrip("/"), form).status_code == 201


def test_regular_and_try_uploads_are_no_one_token(browser: Client) -> None:
    both = [permission("upload_symbols"), permission("upload_try_symbols")]
    response = browser.post(URL, {"permissions": both})
    assert response.status_code == 400
    assert response.json() == {"errors": {"permissions": ["Invalid combination of permissions"]}}


@pytest.mark.parametrize(
    ("codename", "name"),
    [
        ("view_all_uploads", "View All Symbols Uploads"),
        ("manage_tokens", "Manage Your API Tokens"),  # no token may, whoever makes it
    ],
)
def test_what_is_not_one_s_own_cannot_be_given(browser: Client, codename: str, name: str) -> None:
    response = browser.post(URL, {"permissions": [permission(codename)]})
    assert response.status_code == 403
    assert response.json() == {"error": f"{name} not a valid permission"}
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "permissions"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["x"]}, "permissions"),
        ({"permissions": [0]}, "permissions"),
        ({"permissions": [2**70]}, "permissions"),
        ({"permissions": [123456]}, "permissions"),
        ({"permissions": [1], "expires": 0}, "expires"),
        ({"permissions": [1], "expires": 10**9}, "expires"),
        ({"permissions": [1], "notes": "a\0b"}, "notes"),
        ({"permissions": [1], "notes": "x" * 3000}, "notes"),
    ],
)
def test_what_makes_no_sense_is_told_by_field(
    browser: Client, form: dict[str, object], field: str
) -> None:
    response = browser.post(URL, form, content_type="application/json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


def test_what_is_wrong_with_a_text_is_said_in_a_sentence(browser: Client) -> None:
    for notes, said in [
        ("a\0b", "must not contain a NUL character"),
        ("x" * 3000, "String should have at most 2000 characters"),
    ]:
        form = {"permissions": [permission("upload_symbols")], "notes": notes}
        response = browser.post(URL, form, content_type="application/json")
        assert response.json() == {"errors": {"notes": [said]}}


@pytest.mark.parametrize("body", ["{", "[]", "null", "[" * 100_000, '"x"', "\ud800"])
def test_a_body_that_is_no_json_object_is_refused(browser: Client, body: str) -> None:
    data = body.encode("utf-8", "surrogatepass")
    response = browser.post(URL, data, content_type="application/json")
    assert response.status_code == 400
    assert "The body is not" in response.json()["error"]


def test_a_body_that_is_too_large_is_refused(browser: Client) -> None:
    response = browser.post(URL, b"x" * (3 * 1024**2), content_type="application/json")
    assert response.status_code == 413


def test_a_token_does_not_manage_tokens(client: Client, uploader: User) -> None:
    key = make_token("upload_symbols", "manage_tokens", email=uploader.email)
    headers = {"Auth-Token": key}
    assert client.get(URL, headers=headers).json() == {"error": "Forbidden"}
    pk = Token.objects.get().pk
    for method, url in [
        (client.post, URL),
        (client.delete, f"{URL}token/{pk}"),
        (client.post, f"{URL}token/{pk}/extend"),
    ]:
        assert method(url, headers=headers).status_code == 403
    assert Token.objects.count() == 1


def test_who_may_not_manage_tokens_is_told_so(
    stranger: User, sign_in: SignIn, client: Client
) -> None:
    assert sign_in(stranger).get(URL).json() == {"error": "Forbidden"}
    said = "This requires an Auth-Token to authenticate the request"
    assert client.get(URL).json() == {"error": said}
    assert client.post(URL, {"permissions": [1]}).json() == {"error": said}


def test_a_session_needs_its_csrf_token(uploader: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(uploader)
    form = {"permissions": [permission("upload_symbols")]}
    refused = browser.post(URL, form)
    assert refused.status_code == 403
    assert refused.json()["error"].startswith("CSRF verification failed.")
    token = browser.get("/api/_auth/").cookies["csrftoken"].value
    assert browser.post(URL, form, headers={"X-CSRFToken": token}).status_code == 201
    assert browser.post(URL, {**form, "csrfmiddlewaretoken": token}).status_code == 201


def test_tokens_are_listed_by_state(browser: Client, uploader: User, root: User) -> None:
    for email in (uploader.email, uploader.email, root.email):
        make_token("upload_symbols", email=email)
    old = Token.objects.filter(user=uploader).earliest("pk")
    Token.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    everything = browser.get(URL).json()
    assert len(everything["tokens"]) == 2
    assert everything["totals"] == {"active": 1, "expired": 1}
    assert [p["codename"] for p in everything["permissions"]] == [
        "upload.upload_symbols",
        "upload.upload_try_symbols",
    ]
    for state, count in [("active", 1), ("expired", 1), ("all", 2)]:
        assert len(browser.get(f"{URL}?state={state}").json()["tokens"]) == count
    assert list(browser.get(f"{URL}?state=old").json()["errors"]) == ["state"]


def test_a_token_is_extended(browser: Client, uploader: User) -> None:
    make_token("upload_symbols", email=uploader.email)
    token = Token.objects.get()
    url = f"{URL}token/{token.pk}/extend"
    answer = browser.post(url, {"days": 5}, content_type="application/json")
    assert answer.status_code == 200
    assert Token.objects.get().expires_at == token.expires_at + timedelta(days=5)
    Token.objects.update(expires_at=timezone.now() - timedelta(days=90))
    assert browser.post(url, {"days": 5}).json()["is_expired"] is False
    assert list(browser.post(url, {"days": -5}).json()["errors"]) == ["days"]


def test_a_token_is_deleted_by_its_owner_or_a_superuser(
    browser: Client, uploader: User, root: User, auditor: User, sign_in: SignIn
) -> None:
    for _ in range(2):
        make_token("upload_symbols", email=uploader.email)
    first, second = Token.objects.values_list("pk", flat=True)
    assert sign_in(auditor).delete(f"{URL}token/{first}").status_code == 404
    assert browser.delete(f"{URL}token/{first}").status_code == 204
    assert sign_in(root).delete(f"{URL}token/{second}/").status_code == 204
    assert browser.delete(f"{URL}token/{first}").status_code == 404
    assert not Token.objects.exists()


def test_a_superuser_finds_the_tokens_of_others_and_ends_them(
    root: User, uploader: User, auditor: User, sign_in: SignIn, client: Client
) -> None:
    keys = [make_token("upload_symbols", email=user.email) for user in (uploader, auditor)]
    browser = sign_in(root)

    def found(query: str) -> list[str]:
        return [token["user"] for token in browser.get(f"{URL}?{query}").json()["tokens"]]

    assert found("") == []
    assert found("user=uploader") == [uploader.email]
    assert found("user=example.com") == [auditor.email, uploader.email]
    for given in (keys[1][:4], keys[1][:8].upper(), keys[1]):
        assert found(f"key_prefix={given}") == [auditor.email]
    assert found(f"key_prefix={keys[1][:8]}&user=uploader") == []
    [token] = browser.get(f"{URL}?key_prefix={keys[1][:8]}").json()["tokens"]
    assert "key" not in token
    assert browser.delete(f"{URL}token/{token['id']}").status_code == 204
    ended = client.get("/api/_auth/", headers={"Auth-Token": keys[1]})
    assert ended.status_code == 403
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.subject) == ("token deleted", root, auditor)


def test_nobody_else_finds_them(browser: Client, root: User) -> None:
    key = make_token("upload_symbols", email=root.email)
    for query in ("user=root", f"key_prefix={key[:8]}"):
        assert browser.get(f"{URL}?{query}").json()["tokens"] == []


@pytest.mark.django_db(transaction=True)
def test_of_what_many_do_to_a_token_at_once_nothing_is_lost(
    uploader: User, sign_in: SignIn
) -> None:
    browsers = [sign_in(uploader) for _ in range(4)]

    def at_once(act: Callable[[Client], HttpResponse]) -> list[int]:
        start = threading.Barrier(len(browsers))
        statuses = []

        def one(browser: Client) -> None:
            start.wait()
            try:
                statuses.append(act(browser).status_code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(browser,)) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(statuses)

    make_token("upload_symbols", email=uploader.email)
    token = Token.objects.get()
    url = f"{URL}token/{token.pk}"
    assert at_once(lambda browser: browser.post(f"{url}/extend", {"days": 1})) == [200] * 4
    assert Token.objects.get().expires_at == token.expires_at + timedelta(days=4)
    assert at_once(lambda browser: browser.delete(url)) == [204, 404, 404, 404]
    assert AuditEntry.objects.filter(action="token deleted").count() == 1


def test_what_is_done_to_tokens_is_in_the_audit_trail(browser: Client, uploader: User) -> None:
    made = browser.post(URL, {"permissions": [permission("upload_symbols")]}).json()
    browser.post(f"{URL}token/{made['id']}/extend", {"days": 1})
    browser.delete(f"{URL}token/{made['id']}")
    trail = AuditEntry.objects.filter(actor=uploader, action__startswith="token").order_by("pk")
    assert [entry.action for entry in trail] == ["token made", "token extended", "token deleted"]
    assert made["key"] not in str([entry.details for entry in trail])


def test_other_methods_are_named(browser: Client) -> None:
    response = browser.put(URL)
    assert response.status_code == 405
    assert response.json() == {"error": f"Method Not Allowed (PUT): {URL}"}
    assert response["Allow"] == "GET, HEAD, POST"


def test_an_id_that_no_row_can_have_is_not_found(browser: Client) -> None:
    assert browser.delete(f"{URL}token/{2**70}").status_code == 404
    assert browser.delete(f"{URL}token/{'9' * 5000}").status_code == 404
