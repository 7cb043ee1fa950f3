# SPDX-License-Identifier: MPL-2.0

import re
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tecken.core.errors import InvalidRequestError
from tecken.urls import urlpatterns as product_urls
from tecken.web.cors import any_origin


@any_origin("POST")
def public(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        raise InvalidRequestError
    return HttpResponse()


urlpatterns = [path("public", public), *product_urls]


@pytest.fixture
def web_app(settings, tmp_path: Path) -> Path:
    settings.WEB_APP_DIR = tmp_path
    return tmp_path


def test_the_web_app_is_kept_nowhere(client: Client, web_app: Path) -> None:
    (web_app / "index.html").write_text("<!doctype html><title>Tecken</title>")
    response = client.get("/")
    assert b"<title>Tecken" in response.content
    assert response["Cache-Control"] == "no-store"


def test_every_page_has_a_nonce_of_its_own_which_the_policy_names(
    client: Client, web_app: Path
) -> None:
    (web_app / "index.html").write_text('<script nonce="__CSP_NONCE__"></script>')
    nonces = set()
    for page in ("/", "/uploads", "/uploads/upload/7", "/uploads/files/file/8/", "/help"):
        response = client.get(page)
        assert response.status_code == 200, page
        nonce = re.fullmatch(rb'<script nonce="([\w-]{22})"></script>', response.content)
        assert nonce, response.content
        nonces.add(nonce[1])
        policy = response["Content-Security-Policy"]
        assert f"script-src 'self' 'nonce-{nonce[1].decode()}'" in policy
        assert f"style-src 'self' 'nonce-{nonce[1].decode()}'" in policy
        assert "unsafe" not in policy
        assert not response.has_header("ETag")
    assert len(nonces) == 5


def test_a_page_may_ask_no_other_host_but_sentry_where_it_is_set(
    client: Client, web_app: Path, settings
) -> None:
    (web_app / "index.html").write_text("<!doctype html>")
    assert client.get("/")["Content-Security-Policy"].endswith("; connect-src 'self'")
    settings.SENTRY_PUBLIC_DSN = "https://key@sentry.example.com:9000/path/7"
    policy = client.get("/help")["Content-Security-Policy"]
    assert policy.endswith("; connect-src 'self' https://sentry.example.com:9000")


def test_pages_are_only_read(client: Client) -> None:
    response = client.post("/uploads")
    assert response.status_code == 405
    assert response.json() == {"error": "Method Not Allowed (POST): /uploads"}


def test_a_page_that_is_not_there_is_the_app_for_a_browser(client: Client, web_app: Path) -> None:
    (web_app / "index.html").write_text("<!doctype html><title>Tecken</title>")
    response = client.get("/uploads/nothing", headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert b"<title>Tecken" in response.content
    assert client.get("/uploads/nothing").json()["error"] == "Not Found"


def test_a_web_app_that_is_not_built_says_how(client: Client, web_app: Path) -> None:
    response = client.get("/")
    assert response["Content-Type"].startswith("text/plain")
    assert b"make build" in response.content


def test_the_security_headers_are_ours(client: Client) -> None:
    response = client.get("/__version__")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["Content-Security-Policy"].startswith("default-src 'self'")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Request-ID"]


def test_production_redirects_to_https_but_for_health_checks(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 60
    assert client.get("/some/where?a=b")["Location"] == "https://testserver/some/where?a=b"
    assert client.get("/__lbheartbeat__").status_code == 200
    assert client.get("/__version__").status_code == 200
    behind_a_proxy = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert behind_a_proxy.status_code == 200
    assert behind_a_proxy["Strict-Transport-Security"] == "max-age=60"


def test_the_version_is_the_package_s(client: Client) -> None:
    assert client.get("/__version__").json()["version"]


@pytest.mark.urls(__name__)
def test_any_origin_may_ask_what_it_may_call(client: Client) -> None:
    response = client.options("/public")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "debug" in response["Access-Control-Allow-Headers"]


@pytest.mark.urls(__name__)
def test_any_origin_sees_errors_too(client: Client) -> None:
    assert client.get("/public")["Access-Control-Allow-Origin"] == "*"
    assert client.get("/public").status_code == 400


def test_other_views_are_for_their_own_origin(client: Client) -> None:
    assert "Access-Control-Allow-Origin" not in client.get("/__version__")
