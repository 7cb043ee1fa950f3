# SPDX-License-Identifier: MPL-2.0

import pytest
from django.test import Client
from tests.api.conftest import SignIn
from tests.upload.examples import DEBUG_ID, NAME, TEXT, Post, make_token

from tecken.accounts.models import User

FIND, NEAR = "/api/find/", "/api/near/"


def test_anyone_finds_a_file(client: Client, post: Post, root: User) -> None:
    post({NAME: TEXT}, make_token("upload_symbols", email=root.email))
    for asked in (
        NAME,
        NAME.replace("44E4", "44e4"),
        f"https://symbols.example.com/{NAME}?x=y",
        f"/firefox/{NAME}",
    ):
        answer = client.get(FIND, {"key": asked}).json()
        assert answer["found"] is True, asked
        assert (answer["symbol_key"], answer["url"]) == (NAME, f"/{NAME}")
        assert answer["source"].startswith("symbols-")
        assert 0 < answer["size"] < len(TEXT)  # it is stored compressed


def test_what_is_missing_is_said_so(client: Client, bucket: object, db: None) -> None:
    assert client.get(FIND, {"key": NAME}).json() == {
        "symbol_key": NAME,
        "found": False,
        "source": None,
        "size": None,
        "url": None,
        "pending": None,
    }


def test_a_try_file_is_found_where_it_is_asked_for(client: Client, post: Post, root: User) -> None:
    post({NAME: TEXT}, make_token("upload_try_symbols", email=root.email))
    assert client.get(FIND, {"key": NAME}).json()["found"] is False
    asked = {"key": NAME, "with_try": "true"}
    assert client.get(FIND, asked).json()["url"] == f"/try/{NAME}"
    for url in (f"/try/{NAME}", f"https://symbols.example.com/{NAME}?_refresh&try"):
        assert client.get(FIND, {"key": url}).json()["found"] is True
    assert client.get(FIND, {"key": f"/try/firefox/{NAME}?trying"}).json()["found"] is False


@pytest.mark.parametrize("key", ["", "x", "a/x/c", "a/1/..", "a/1/b%00c", "http://[/a/1/b"])
def test_what_is_no_key_is_refused(client: Client, db: None, key: str) -> None:
    response = client.get(FIND, {"key": key})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["key"]
    assert list(client.get(FIND).json()["errors"]) == ["key"]


def test_near_ids_are_those_that_begin_alike(
    post: Post, root: User, stranger: User, sign_in: SignIn, client: Client
) -> None:
    ids = [f"{DEBUG_ID[:-1]}{age}" for age in range(1, 4)] + ["1A", "FF"]
    key = make_token("upload_symbols", email=root.email)
    post({f"xul.pdb/{some_id}/xul.pd_": b"x" for some_id in ids}, key)
    key = make_token("upload_try_symbols", email=root.email)
    post({"xul.pdb/44E5/xul.pd_": b"x"}, key)
    asked = {"debug_file": "xul.pdb", "debug_id": ids[1].lower()}
    assert client.get(NEAR, asked).status_code == 403
    answer = sign_in(stranger).get(NEAR, asked).json()
    assert answer == {
        "debug_file": "xul.pdb",
        "debug_ids": ["1A", ids[0], ids[2], "FF"],
        "total": 4,
    }
    nothing = {"debug_file": "nss.pdb", "debug_id": "1"}
    assert sign_in(stranger).get(NEAR, nothing).json() == {
        "debug_file": "nss.pdb",
        "debug_ids": [],
        "total": 0,
    }


def test_near_ids_are_counted_beyond_those_that_are_told(
    post: Post, root: User, sign_in: SignIn
) -> None:
    key = make_token("upload_symbols", email=root.email)
    names = [f"xul.pdb/{age:032X}{end}/xul.pd_" for age in range(12) for end in "12"]
    post(dict.fromkeys(names, b"x") | {names[0].replace("xul.pd_", "other.pd_"): b"x"}, key)
    answer = sign_in(root).get(NEAR, {"debug_file": "xul.pdb", "debug_id": "5"}).json()
    assert (len(answer["debug_ids"]), answer["total"]) == (5, 24)
