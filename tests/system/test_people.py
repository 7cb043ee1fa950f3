# SPDX-License-Identifier: MPL-2.0

"""People, their tokens and their requests, as they are seen from outside."""

from pathlib import Path

import pytest
import requests
from tests.support.person import Person
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"people.pdb/{HELLO_ID}/people.sym"


@pytest.fixture(scope="module")
def root(server: StartedServer) -> Person:
    """A superuser."""
    server.command("superuser", "root@example.com")
    return Person(server, "root@example.com")


def user_id(root: Person, email: str) -> int:
    [row] = root.get(f"/_users/?email=={email}").json()["users"]
    return int(row["id"])


def test_a_token_lives_and_dies_with_the_groups_of_its_owner(
    server: StartedServer, root: Person, tmp_path: Path
) -> None:
    email = "grouped@example.com"
    person = Person(server, email)
    assert person.get("/tokens/").status_code == 403
    url = f"/_users/user/{user_id(root, email)}"
    groups = {group["name"]: group["id"] for group in root.get(url).json()["groups"]}
    assert root.post(url, {"groups": [groups["Uploaders"]]}).status_code == 200
    ids = {p["codename"]: p["id"] for p in person.get("/tokens/").json()["permissions"]}
    made = person.post("/tokens/", {"permissions": [ids["upload.upload_symbols"]]}).json()
    archive = write_zip(tmp_path / "symbols.zip", {KEY: hello("people.pdb")})
    assert server.upload(archive, made["key"]).status_code == 201

    root.post(url, {"groups": [groups["Upload Auditors"]]})
    refused = server.upload(archive, made["key"])
    assert (refused.status_code, refused.json()) == (403, {"error": "Forbidden"})
    root.post(url, {"groups": [groups["Uploaders"]]})
    assert server.upload(archive, made["key"]).status_code == 201


def test_who_is_made_inactive_is_out_at_once(server: StartedServer, root: Person) -> None:
    email = "leaver@example.com"
    person = Person(server, email)
    key = server.token("upload_symbols", email=email)
    url = f"/_users/user/{user_id(root, email)}"
    assert person.get("/stats/").status_code == 200
    root.post(url, {"is_active": False})
    assert person.get("/stats/").status_code == 403
    assert person.get("/_auth/").json()["user"] is None
    by_token = requests.get(f"{server.url}/api/stats/", headers={"Auth-Token": key}, timeout=60)
    assert by_token.json() == {"error": "API Token matched but user not active"}
    root.post(url, {"is_active": True})
    assert person.get("/stats/").status_code == 200


def test_json_may_come_in_chunks(root: Person) -> None:
    ids = {p["codename"]: p["id"] for p in root.get("/tokens/").json()["permissions"]}
    form = {"permissions": [ids["upload.upload_symbols"]], "notes": "in chunks"}
    made = root.post("/tokens/", form, chunked=True)
    assert (made.status_code, made.json().get("notes")) == (201, "in chunks")
    large = root.post("/tokens/", {**form, "notes": "x" * 3_000_000}, chunked=True)
    assert large.status_code == 413


@pytest.mark.parametrize("path", ["/api/tokens/", "/upload/"])
def test_a_form_in_another_encoding_is_refused(
    server: StartedServer, root: Person, token: str, path: str
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}
    sender = root.session if path == "/api/tokens/" else requests.Session()
    headers = form if sender is root.session else {**form, "Auth-Token": token}
    answer = sender.post(f"{server.url}{path}", data=b"try=1", headers=headers, timeout=60)
    assert (answer.status_code, "UTF-8" in answer.json()["error"]) == (400, True)


def test_a_filter_given_very_often_is_refused(server: StartedServer) -> None:
    query = "&".join(["symbol=a,b,c,d,e,f,g,h,i,j"] * 500)
    answer = requests.get(f"{server.url}/api/downloads/missing/?{query}", timeout=60)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["symbol"])
