# SPDX-License-Identifier: MPL-2.0

"""Secrets are taken where they belong, and are found nowhere else: in no log, no table, no answer."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.support.person import Person
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

EMAIL = "discreet@example.com"
TABLES = (
    "SELECT * FROM accounts_user",
    "SELECT * FROM tokens_token",
    "SELECT * FROM accounts_signinlink",
    "SELECT * FROM accounts_auditentry",
    "SELECT * FROM django_session",
)
Send = Callable[[str, str], requests.Response]


@pytest.fixture(scope="module")
def key(server: StartedServer) -> str:
    return server.token("upload_symbols", email=EMAIL)


@pytest.mark.parametrize(
    "send",
    [
        lambda url, key: requests.get(url, params={"Auth-Token": key, "token": key}, timeout=60),
        lambda url, key: requests.get(url, cookies={"Auth-Token": key}, timeout=60),
        lambda url, key: requests.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=60),
        lambda url, key: requests.get(url, auth=(key, key), timeout=60),
    ],
)
def test_a_token_is_taken_from_its_header_alone(
    server: StartedServer, key: str, send: Send
) -> None:
    assert send(f"{server.url}/api/_auth/", key).json()["user"] is None
    right = requests.get(f"{server.url}/api/_auth/", headers={"Auth-Token": key}, timeout=60)
    assert right.json()["user"]["email"] == EMAIL


def test_no_secret_is_in_the_log_or_the_database(
    server: StartedServer, key: str, tmp_path: Path
) -> None:
    link = server.command("signin-link", EMAIL).stdout.strip()
    [link_key] = parse_qs(urlsplit(link).query)["key"]
    person = Person(server, EMAIL)
    cookie = person.session.cookies["sessionid"]
    wrong = "f" * 31 + "e"
    archive = write_zip(tmp_path / "symbols.zip", {f"s.pdb/{HELLO_ID}/s.sym": hello("s.pdb")})
    for token in (key, wrong):
        server.upload(archive, token)
        headers = {"Auth-Token": f"{token}-build"}
        for path in ("/api/_auth/", "/no/where", "/s.pdb/A1/s.sym", f"/api/find/?key={token}"):
            requests.get(f"{server.url}{path}", headers=headers, timeout=60)
        requests.get(f"{server.url}/api/_auth/?Auth-Token={token}", timeout=60)
    requests.get(link, timeout=60)
    person.get("/tokens/")

    secrets = {"token": key, "wrong token": wrong, "link": link_key, "session": cookie}
    log = server.log()
    assert "GET /signin-link/" in log
    found = [name for name, secret in secrets.items() if secret in log]
    rows = str([server.rows(query) for query in TABLES])
    assert EMAIL in rows
    found += [f"{name}, in a table" for name, secret in secrets.items() if secret in rows]
    answers = "".join(person.get(path).text for path in ("/tokens/", "/_auth/", "/uploads/"))
    found += [f"{name}, in an answer" for name, secret in secrets.items() if secret in answers]
    assert found == []
