# SPDX-License-Identifier: MPL-2.0

from django.test import Client
from tests.api.conftest import SignIn
from tests.upload.examples import make_token

from tecken.accounts.models import User

URL = "/api/_auth/"


def test_nobody_has_signed_in(client: Client, db: None) -> None:
    response = client.get(URL)
    answer = response.json()
    assert (answer["user"], answer["sign_out_url"]) == (None, None)
    assert "csrftoken" in response.cookies


def test_where_to_sign_in_is_told_if_there_is_a_provider(
    client: Client, db: None, settings
) -> None:
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = ""
    assert client.get(URL).json()["sign_in_url"] is None
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = "https://people.example.com/authorize"
    assert client.get(URL).json()["sign_in_url"] == "/oidc/authenticate/"


def test_who_signed_in_is_told_with_all_permissions(uploader: User, sign_in: SignIn) -> None:
    answer = sign_in(uploader).get(URL).json()
    assert answer["sign_in_url"] is None
    assert answer["sign_out_url"] == "/oidc/logout/"
    user = answer["user"]
    assert (user["email"], user["is_active"], user["is_superuser"]) == (uploader.email, True, False)
    assert {(p["codename"], p["name"]) for p in user["permissions"]} == {
        ("tokens.manage_tokens", "Manage Your API Tokens"),
        ("upload.upload_symbols", "Upload Symbols Files"),
        ("upload.upload_try_symbols", "Upload Try Symbols Files"),
    }


def test_a_superuser_is_told_of_permissions_that_mean_something(
    root: User, sign_in: SignIn
) -> None:
    user = sign_in(root).get(URL).json()["user"]
    assert {permission["codename"] for permission in user["permissions"]} == {
        "tokens.manage_tokens",
        "upload.upload_symbols",
        "upload.upload_try_symbols",
        "upload.view_all_uploads",
    }


def test_a_token_is_told_with_its_own_permissions(client: Client, root: User) -> None:
    key = make_token("upload_symbols", email=root.email)
    user = client.get(URL, headers={"Auth-Token": key}).json()["user"]
    assert [p["codename"] for p in user["permissions"]] == ["upload.upload_symbols"]
    assert not user["is_superuser"]


def test_the_answer_varies_by_who_asks_and_is_kept_by_no_proxy(client: Client, db: None) -> None:
    response = client.get(URL)
    assert {"Auth-Token", "Cookie"} <= set(response["Vary"].split(", "))
    assert "private" in response["Cache-Control"]
