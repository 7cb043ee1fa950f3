# SPDX-License-Identifier: MPL-2.0

"""What clients of other symbol servers send, and where they look in the answers."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.api.conftest import SignIn
from tests.upload.examples import NAME, TEXT, Post, make_token, zipped

from tecken.accounts.models import User
from tecken.accounts.tokens.models import Token

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(root: User, sign_in: SignIn) -> Client:
    return sign_in(root)


def test_an_upload_has_its_files_under_both_names(browser: Client, post: Post) -> None:
    upload_id = post(
        {NAME: TEXT}, make_token("upload_symbols", email="builder@example.com")
    ).json()["upload"]["id"]
    detail = browser.get(f"/api/uploads/upload/{upload_id}").json()["upload"]
    assert detail["file_uploads"] == detail["files"]
    assert [file["key"] for file in detail["file_uploads"]] == [f"v1/{NAME}"]


def test_lists_say_how_many_fit_where_that_is_cheap(
    browser: Client, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_token("upload_symbols", email="builder@example.com")
    for number in range(3):
        post({NAME: TEXT + b"PUBLIC %x 0 f\n" % number}, key)
    for url, cheap, dear in (
        ("/api/uploads/", "size=>0", "filename=zip"),
        ("/api/uploads/files/", f"key==v1/{NAME}", "key=xul"),
    ):
        assert browser.get(url).json()["total"] == 3
        assert browser.get(f"{url}?{cheap}&page=2").json()["total"] == 3
        assert browser.get(f"{url}?{dear}").json()["total"] is None
    monkeypatch.setattr("tecken.api.listing.MAX_COUNTED", 2)
    assert browser.get("/api/uploads/").json()["total"] is None


def test_the_figures_are_also_wrapped(browser: Client) -> None:
    answer = browser.get("/api/stats/").json()
    wrapped = answer.pop("stats")
    assert wrapped == answer
    assert wrapped["tokens"]["total"] == 0


@pytest.mark.parametrize(
    "url", ["/api/uploads/", "/api/uploads/files/", "/api/_users/", "/api/tokens/", "/api/audit/"]
)
def test_a_parameter_that_no_list_has_is_refused(browser: Client, url: str) -> None:
    answer = browser.get(f"{url}?pages=2&sort=created_at")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["pages"]
    assert "page" in answer.json()["errors"]["pages"][0]


@pytest.mark.parametrize("separator", ["&groups=", ",", ", ", "%2C"])
def test_a_form_has_lists_repeated_or_with_commas(
    browser: Client, stranger: User, separator: str
) -> None:
    ids = sorted(Group.objects.values_list("pk", flat=True)[:2])
    body = f"groups={separator.join(map(str, ids))}"
    answer = browser.post(f"/api/_users/user/{stranger.pk}", body, content_type=FORM)
    assert answer.status_code == 200, answer.content
    assert sorted(group["id"] for group in answer.json()["user"]["groups"]) == ids


def test_a_token_is_made_with_permissions_with_commas(browser: Client) -> None:
    names = ("upload_symbols", "view_all_uploads")
    permissions = Permission.objects.filter(codename__in=names)
    ids = ",".join(str(pk) for pk in permissions.values_list("pk", flat=True))
    answer = browser.post("/api/tokens/", {"permissions": ids, "expires": "7"})
    assert answer.status_code == 201, answer.content
    assert Token.objects.get().permissions.count() == 2
    refused = browser.post("/api/tokens/", {"permissions": "1,x"})
    assert refused.status_code == 400
    assert "permissions" in str(refused.json())


def test_an_upload_needs_no_slash(client: Client, post: Post) -> None:
    key = make_token("upload_symbols", email="builder@example.com")
    post({NAME: TEXT}, key)
    for url in ("/upload", "/upload/"):
        file = SimpleUploadedFile("symbols.zip", zipped({NAME: TEXT}))
        answer = client.post(url, {"symbols.zip": file}, headers={"Auth-Token": key})
        assert answer.status_code == 201
        # Uploaders compare these with the names in their archive.
        assert answer.json()["upload"]["skipped_keys"] == [NAME]


def test_who_asks_whether_it_may_upload_is_told(client: Client, uploader: User) -> None:
    key = make_token("upload_symbols", email=uploader.email)
    token = Token.objects.get()
    answer = client.post("/upload/auth_info/", headers={"Auth-Token": key})
    assert answer.json() == {
        "email": uploader.email,
        "user_id": uploader.pk,
        "try_symbols": False,
        "token_expires_at": token.expires_at.isoformat().replace("+00:00", "Z"),
        "upload_api_version": 1,
    }
    of_try = make_token("upload_try_symbols", email="try@example.com")
    told = client.post("/upload/auth_info/", headers={"Auth-Token": of_try}).json()
    assert told["try_symbols"] is True
    reader = make_token("view_all_uploads", email="reader@example.com")
    assert client.post("/upload/auth_info/", headers={"Auth-Token": reader}).status_code == 403
    assert client.post("/upload/auth_info/").status_code == 403
    assert client.get("/upload/auth_info/", headers={"Auth-Token": key}).status_code == 405


def test_a_session_has_no_end_to_tell(uploader: User, sign_in: SignIn) -> None:
    told = sign_in(uploader).post("/upload/auth_info/").json()
    assert (told["email"], told["token_expires_at"]) == (uploader.email, None)


def test_a_second_slash_before_a_symbol_key_is_none(client: Client, post: Post) -> None:
    post({NAME: TEXT}, make_token("upload_symbols", email="builder@example.com"))

    def get(path: str) -> HttpResponse:
        return client.get("/", PATH_INFO=path)  # the test client takes two slashes for a host

    plain, doubled = get(f"/{NAME}"), get(f"//{NAME}")
    assert (plain.status_code, plain["Location"]) == (302, doubled["Location"])
    assert get(f"//try/{NAME}").status_code == 302
    assert get(f"///{NAME}").status_code == 404


def test_scripts_may_send_the_headers_that_they_do(client: Client) -> None:
    allowed = client.options("/symbolicate/v5")["Access-Control-Allow-Headers"].split(", ")
    assert allowed == sorted(set(allowed))
    wanted = {"auth-token", "authorization", "dnt", "origin", "x-csrftoken", "x-requested-with"}
    assert wanted | {"content-type", "debug", "range"} <= set(allowed)


@pytest.mark.parametrize("url", ["/", "/api/", "/nothing/here", "/__version__"])
def test_nothing_may_be_framed(client: Client, url: str) -> None:
    assert client.get(url)["X-Frame-Options"] == "DENY"
