# SPDX-License-Identifier: MPL-2.0

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from tecken.accounts.models import AuditEntry, User

LOGOUT = "/oidc/logout/"


@pytest.fixture
def signed_in(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def csrf_token(client: Client) -> str:
    """Put a CSRF cookie into a browser, as the pages of the app do, and return what it says."""
    client.cookies["csrftoken"] = "c" * 32
    return "c" * 32


def test_one_can_sign_out(signed_in: Client, user: User) -> None:
    response = signed_in.post(LOGOUT, headers={"X-CSRFToken": csrf_token(signed_in)})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "_auth_user_id" not in signed_in.session
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.actor, entry.subject) == ("signed out", user, user)


def test_a_form_may_send_the_token_as_a_field(signed_in: Client) -> None:
    fields = {"csrfmiddlewaretoken": csrf_token(signed_in)}
    assert signed_in.post(LOGOUT, fields).status_code == 302


def test_a_page_of_another_site_signs_nobody_out(signed_in: Client) -> None:
    for headers in ({}, {"X-CSRFToken": "d" * 32}):
        csrf_token(signed_in)
        response = signed_in.post(LOGOUT, headers=headers)
        assert response.status_code == 403
        assert "CSRF" in response.json()["error"]
    assert signed_in.get(LOGOUT).status_code == 405
    assert "_auth_user_id" in signed_in.session


def test_one_who_is_not_signed_in_may_sign_out(client: Client, db: None) -> None:
    assert client.post(LOGOUT).status_code == 302
    assert not AuditEntry.objects.exists()


def test_a_cache_that_is_wiped_signs_nobody_out(signed_in: Client) -> None:
    cache.clear()
    assert "_auth_user_id" in signed_in.session


def test_the_cookies_of_sessions_are_out_of_reach(signed_in: Client, settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    signed_in.logout()
    signed_in.get("/__auth_debug__")
    cookie = signed_in.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)


@pytest.mark.parametrize(
    ("configuration", "secure"), [("Prod", "True"), ("Dev", "True"), ("Localdev", "False")]
)
def test_cookies_go_over_https_alone_but_on_ones_own_machine(
    configuration: str, secure: str, tmp_path: Path
) -> None:
    printed = (
        "from tecken import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    environment = {**os.environ, "DJANGO_CONFIGURATION": configuration}
    environment |= {"TECKEN_DATA_DIR": str(tmp_path), "DJANGO_SECRET_KEY": "x" * 50}
    ran = subprocess.run(
        [sys.executable, "-c", printed], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [secure, secure]
