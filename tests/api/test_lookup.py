# SPDX-License-Identifier: MPL-2.0

"""``/api/lookup/`` and ``/api/modules/``: who is told what of a text."""

import pytest
from django.test import Client
from tests.api.conftest import SignIn
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, Post, make_token

from tecken.accounts.models import User
from tecken.upload.models import FileUpload, Upload
from tecken.web.per_minute import PerMinute

LOOKUP, MODULES = "/api/lookup/", "/api/modules/"


@pytest.fixture
def uploaded(post: Post, root: User) -> FileUpload:
    post({NAME: TEXT}, make_token("upload_symbols", email=root.email))
    return FileUpload.objects.get()


def ask(client: Client, text: str) -> dict:
    response = client.get(LOOKUP, {"q": text})
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize(
    "text",
    [
        NAME,
        f"xul.pdb/{DEBUG_ID.lower()}",
        f"xul.pdb {DEBUG_ID}",
        f"MODULE windows x86_64 {DEBUG_ID} xul.pdb",
        f"https://symbols.example.com/{NAME}",
        "xul.dll/5CF2591C6859000",
    ],
)
def test_anybody_is_told_of_a_whole_key_what_a_download_tells(
    client: Client, uploaded: FileUpload, text: str
) -> None:
    answer = ask(client, text)
    assert answer["found"]["found"] is True
    assert (answer["found"]["symbol_key"], answer["found"]["url"]) == (NAME, f"/{NAME}")
    assert (answer["names"], answer["files"], answer["needs_sign_in"]) == ([], [], False)


def test_anybody_is_told_of_a_whole_id_but_of_no_upload(
    client: Client, uploaded: FileUpload
) -> None:
    [file] = ask(client, DEBUG_ID)["files"]
    assert (file["symbol_key"], file["url"]) == (NAME, f"/{NAME}")
    assert file["file_id"] is file["upload_id"] is None
    assert ask(client, DEBUG_ID[:20])["files"] == []


def test_names_are_told_to_people_of_this_server_alone(
    client: Client, uploaded: FileUpload, stranger: User, sign_in: SignIn
) -> None:
    answer = ask(client, "xul")
    assert (answer["names"], answer["files"], answer["needs_sign_in"]) == ([], [], True)
    answer = ask(sign_in(stranger), "XUL")
    [name] = answer["names"]
    assert (name["debug_file"], name["ids"]) == ("xul.pdb", 1)
    assert answer["needs_sign_in"] is False


def test_uploads_are_told_to_who_may_see_them(
    uploaded: FileUpload, root: User, auditor: User, stranger: User, sign_in: SignIn
) -> None:
    found = {}
    for user in (root, auditor, stranger):
        [file] = ask(sign_in(user), DEBUG_ID[:8])["files"]
        found[user.email] = (file["file_id"], file["upload_id"])
    whole = (uploaded.pk, uploaded.upload_id)
    assert found == {root.email: whole, auditor.email: whole, stranger.email: (None, None)}


def test_what_is_missing_is_told_so(client: Client, bucket: object, db: None) -> None:
    answer = ask(client, NAME)
    assert answer["found"] == {
        "symbol_key": NAME,
        "found": False,
        "source": None,
        "size": None,
        "url": None,
        "pending": None,
    }
    assert ask(client, "xul.pdb/44E4")["found"] is None  # somebody still types
    assert ask(client, "")["found"] is None


def test_a_try_file_says_so(client: Client, post: Post, root: User, sign_in: SignIn) -> None:
    post({NAME: TEXT}, make_token("upload_try_symbols", email=root.email))
    assert ask(client, NAME)["found"]["url"] == f"/try/{NAME}"
    [file] = ask(sign_in(root), DEBUG_ID)["files"]
    assert (file["try_symbols"], file["url"]) == (True, f"/try/{NAME}")


def test_a_storm_of_lookups_is_slowed_down(
    client: Client, root: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.api.routers.lookup._LOOKUPS", PerMinute("test-lookup", 2))
    statuses = [client.get(LOOKUP, {"q": "a"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    # Who has signed in at the same address counts by themselves.
    assert sign_in(root).get(LOOKUP, {"q": "a"}).status_code == 200


@pytest.mark.parametrize("text", ["a\0b", "x" * 2001])
def test_what_no_name_can_be_is_refused(client: Client, db: None, text: str) -> None:
    response = client.get(LOOKUP, {"q": text})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["q"]


@pytest.mark.parametrize("text", ["/try", f"/xul%00.pdb/{DEBUG_ID}/xul.sym", "foo abcguid:1234"])
def test_whatever_is_pasted_is_answered(
    client: Client, stranger: User, sign_in: SignIn, text: str
) -> None:
    for asker in (client, sign_in(stranger)):
        assert ask(asker, text)["files"] == []


def test_a_native_file_has_no_download_url(
    uploaded: FileUpload, root: User, sign_in: SignIn
) -> None:
    key = f"v1/.native/{DEBUG_ID[:2].lower()}/{DEBUG_ID[2:].lower()}/debuginfo"
    FileUpload.objects.update(key=key, kind="pdb", role="debuginfo")
    [file] = ask(sign_in(root), DEBUG_ID)["files"]
    assert (file["url"], file["kind"]) == (None, "pdb")


def test_the_ids_of_a_name_are_a_list(
    client: Client, post: Post, uploaded: FileUpload, root: User, stranger: User, sign_in: SignIn
) -> None:
    post({BINARY_NAME: b"x"}, make_token("upload_symbols", email=root.email))
    assert client.get(MODULES, {"debug_file": "xul.pdb"}).status_code == 403
    answer = sign_in(root).get(MODULES, {"debug_file": "xul.pdb"}).json()
    assert (answer["debug_file"], answer["total"], answer["before"]) == ("xul.pdb", 1, None)
    [newest] = answer["ids"]
    assert newest["debug_id"] == DEBUG_ID
    assert newest["upload_id"] == Upload.objects.latest("pk").pk
    [seen] = sign_in(stranger).get(MODULES, {"debug_file": "xul.pdb"}).json()["ids"]
    assert seen["upload_id"] is None
    nothing = sign_in(stranger).get(MODULES, {"debug_file": "nss.pdb", "before": "7"}).json()
    assert nothing == {"debug_file": "nss.pdb", "total": 0, "ids": [], "before": None}
