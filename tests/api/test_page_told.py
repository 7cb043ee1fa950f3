# SPDX-License-Identifier: MPL-2.0

"""What the page of the web app is told within itself, so that it need not ask first."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from tests.api.conftest import SignIn

from tecken.accounts.models import User
from tecken.web.page import HEAD_PLACEHOLDER

_TOLD = re.compile(r'<script type="application/json" id="told">(.*?)</script>')


@pytest.fixture
def web_app(settings, tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_bytes(b"<head>%s</head>" % HEAD_PLACEHOLDER)
    settings.WEB_APP_DIR = tmp_path
    return tmp_path


def test_a_page_knows_who_asks_and_the_settings(
    uploader: User, sign_in: SignIn, web_app: Path
) -> None:
    client = sign_in(uploader)
    response = client.get("/uploads")
    [text] = _TOLD.findall(response.content.decode())
    assert json.loads(text) == {
        "auth": client.get("/api/_auth/").json(),
        "app": client.get("/api/_app/").json(),
    }
    assert response["Cache-Control"] == "no-store", "it is about one person"
    assert "csrftoken" in response.cookies, "with it the app may change things at once"


def test_a_page_of_a_stranger_asks_no_database(client: Client, web_app: Path) -> None:
    [text] = _TOLD.findall(client.get("/").content.decode())
    assert json.loads(text)["auth"]["user"] is None


def test_an_email_cannot_end_the_script_that_it_stands_in(
    make_user: Callable[..., User], sign_in: SignIn, web_app: Path
) -> None:
    email = "</script><!--<script>&@example.com"
    page = sign_in(make_user(email)).get("/").content.decode()
    assert page.count("</script>") == 1
    [text] = _TOLD.findall(page)
    assert json.loads(text)["auth"]["user"]["email"] == email


def test_without_its_database_the_page_comes_all_the_same(
    uploader: User, sign_in: SignIn, web_app: Path
) -> None:
    client = sign_in(uploader)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user RENAME TO away")
    response = client.get("/")
    assert (response.status_code, response.content) == (200, b"<head></head>")


def test_a_page_names_the_code_that_it_needs(client: Client, web_app: Path) -> None:
    pages = {
        "": ["assets/home-1.js"],
        "uploads/upload": ["assets/form-2.js"],
        "uploads/upload/:id": ["assets/upload-3.css", "assets/upload-4.js"],
    }
    (web_app / "pages.json").write_text(json.dumps(pages))
    for path, expected in (
        ("/", ['<link rel="modulepreload" crossorigin href="/assets/home-1.js">']),
        ("/uploads/upload/", ['<link rel="modulepreload" crossorigin href="/assets/form-2.js">']),
        (
            "/uploads/upload/7",
            [
                '<link rel="stylesheet" crossorigin href="/assets/upload-3.css">',
                '<link rel="modulepreload" crossorigin href="/assets/upload-4.js">',
            ],
        ),
        ("/help", []),
    ):
        page = client.get(path).content.decode()
        assert re.findall(r"<link[^>]*>", page) == expected, path
