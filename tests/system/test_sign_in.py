# SPDX-License-Identifier: MPL-2.0

"""Signing in by the provider for development, which a server that is just started has."""

import re
import signal
import sqlite3
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.support.browser_walk import Visitor
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.templates import PROVIDER_DATABASE, provider_template

PASSWORD = "password"


def begin(server: StartedServer) -> Visitor:
    """Come to the provider's page for signing in."""
    visitor = Visitor()
    visitor.visit(f"{server.url}/oidc/authenticate/")
    assert "<h1>Sign in</h1>" in visitor.page.text
    return visitor


def sign_up(visitor: Visitor, name: str) -> None:
    """Make an account, and come to the page that asks to authorize."""
    visitor.click("Sign up")
    visitor.submit(username=name, email=f"{name}@example.com", password=PASSWORD)
    assert "Authorize Tecken?" in visitor.page.text


def provider_url(server: StartedServer) -> str:
    location = requests.get(f"{server.url}/oidc/authenticate/", allow_redirects=False, timeout=90)
    return "http://" + urlsplit(location.headers["Location"]).netloc


def signed_in_as(server: StartedServer) -> list[str]:
    """Who has signed in by a provider, in the order of that."""
    rows = server.rows(
        "SELECT subject_name FROM accounts_auditentry WHERE action = 'signed in' ORDER BY id"
    )
    return [str(name) for (name,) in rows]


def give_provider_database(server: StartedServer) -> None:
    """Put a database with tables where its provider will look for one, when somebody signs in."""
    with (
        closing(sqlite3.connect(provider_template())) as made,
        closing(sqlite3.connect(server.data_dir / PROVIDER_DATABASE)) as own,
    ):
        made.backup(own)


@pytest.fixture(scope="session")
def server(server: StartedServer) -> StartedServer:
    """The shared server; nobody but these tests signs in by its provider."""
    if not (server.data_dir / PROVIDER_DATABASE).exists():
        give_provider_database(server)
    return server


@pytest.fixture
def make_server(make_server: ServerMaker) -> ServerMaker:
    """Return a function that starts a server of the test's own, whose provider has its tables."""

    def make(**settings: str) -> StartedServer:
        server = make_server(**settings)
        give_provider_database(server)
        return server

    return make


def test_a_person_makes_an_account_signs_in_and_out(server: StartedServer) -> None:
    visitor = begin(server)
    sign_up(visitor, "walker")
    back = visitor.submit("allow")
    assert back.url == f"{server.url}/?signedin=true"
    assert signed_in_as(server)[-1] == "walker@example.com"

    # Whoever is signed in at the provider, and comes again, is asked once more.
    visitor.visit(f"{server.url}/oidc/authenticate/")
    assert "Authorize Tecken?" in visitor.page.text
    signed_out = visitor.click("Sign out")
    assert "You are signed out" in signed_out.text
    visitor.visit(f"{server.url}/oidc/authenticate/")
    visitor.submit(username="walker", password=PASSWORD)
    assert visitor.submit("allow").url == f"{server.url}/?signedin=true"
    assert server.rows("SELECT count(*) FROM accounts_user WHERE email LIKE 'walker%'") == [(1,)]


@EMBEDDED_ONLY
def test_one_who_cancels_is_not_signed_in(server: StartedServer) -> None:
    visitor = begin(server)
    sign_up(visitor, "hesitant")
    assert visitor.submit().url == f"{server.url}/?signin=failed"
    assert "hesitant@example.com" not in signed_in_as(server)
    assert "access_denied" in server.log()


@EMBEDDED_ONLY
def test_a_sign_in_ends_where_it_was_begun(server: StartedServer) -> None:
    """The development server of the web app stands before ours, and hands the Host header on."""
    asked = requests.get(
        f"{server.url}/oidc/authenticate/",
        headers={"Host": "localhost:3000"},
        allow_redirects=False,
        timeout=90,
    )
    location = asked.headers["Location"]
    assert parse_qs(urlsplit(location).query)["redirect_uri"] == [
        "http://localhost:3000/oidc/callback/"
    ]
    visitor = Visitor()
    visitor.visit(location)
    sign_up(visitor, "developer")
    back = visitor.submit("allow", follow=False)
    assert back.headers["Location"].startswith("http://localhost:3000/oidc/callback/?code=")


@pytest.fixture(scope="module")
def signed_up(server: StartedServer) -> Visitor:
    """One who was asked to authorize: to make an account takes the provider half a second."""
    visitor = begin(server)
    sign_up(visitor, "tester")
    return visitor


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://example.com/oidc/callback/",
        "http://localhost.example.com/oidc/callback/",
        "http://localhost:8000/other/",
        "http://localhost:8000/oidc/callback/?a=b",
        "https://localhost:bad/oidc/callback/",
        "javascript:alert(1)",
    ],
)
@EMBEDDED_ONLY
def test_the_provider_sends_nobody_elsewhere(signed_up: Visitor, elsewhere: str) -> None:
    url = re.sub(r"redirect_uri=[^&]*", "", signed_up.page.url)
    asked = f"{url}&redirect_uri={requests.utils.quote(elsewhere)}"
    refused = signed_up.session.get(asked, timeout=90)
    assert (refused.status_code, "cannot be authorized" in refused.text) == (400, True)


@EMBEDDED_ONLY
def test_an_account_has_an_email_address_of_its_own(server: StartedServer) -> None:
    visitor = begin(server)
    sign_up(visitor, "first")
    for typed, error in (
        ({"username": "second", "email": "FIRST@example.com"}, "Another account has this"),
        ({"username": "first", "email": "other@example.com"}, "username already exists"),
        ({"username": "third", "email": "nowhere"}, "valid email address"),
        ({"username": "fourth", "email": ""}, "required"),
    ):
        other = begin(server)
        other.click("Sign up")
        assert error in other.submit(**typed, password=PASSWORD).text


@EMBEDDED_ONLY
def test_a_wrong_password_signs_nobody_in(server: StartedServer) -> None:
    sign_up(begin(server), "careful")
    visitor = begin(server)
    page = visitor.submit(username="careful", password="guessed")
    assert "correct username and password" in page.text
    assert page.url.startswith(provider_url(server))


@EMBEDDED_ONLY
def test_accounts_outlive_the_server(make_server: ServerMaker) -> None:
    server = make_server()
    sign_up(begin(server), "durable")
    server.stop(signal.SIGKILL)
    server.start()
    visitor = begin(server)
    visitor.submit(username="durable", password=PASSWORD)
    assert visitor.submit("allow").url == f"{server.url}/?signedin=true"


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL])
@EMBEDDED_ONLY
def test_the_provider_ends_with_the_server(make_server: ServerMaker, kind: signal.Signals) -> None:
    server = make_server()
    url = provider_url(server)
    assert requests.get(url, timeout=90).status_code == 200
    assert server.process is not None
    # Not of the whole group: the provider must see for itself that the server is gone.
    server.process.send_signal(kind)
    wait_until(lambda: not answers(url), "the provider has ended", 30)
    server.stop(signal.SIGKILL)


@EMBEDDED_ONLY
def test_two_servers_of_one_machine_have_a_provider_each(make_server: ServerMaker) -> None:
    servers = [make_server(), make_server()]
    visitors = [begin(server) for server in servers]
    assert len({provider_url(server) for server in servers}) == 2
    # One browser for both: neither provider overwrites the cookies of the other.
    visitors[1].session = visitors[0].session
    for visitor, server in zip(visitors, servers, strict=True):
        visitor.visit(f"{server.url}/oidc/authenticate/")
        sign_up(visitor, "both")
    for visitor, server in zip(visitors, servers, strict=True):
        visitor.visit(f"{server.url}/oidc/authenticate/")
        assert "Authorize Tecken?" in visitor.page.text


@EMBEDDED_ONLY
def test_where_a_provider_is_set_there_is_no_other(make_server: ServerMaker) -> None:
    server = make_server(
        DJANGO_OIDC_RP_CLIENT_ID="tecken",
        DJANGO_OIDC_RP_CLIENT_SECRET="s" * 40,
        DJANGO_OIDC_OP_AUTHORIZATION_ENDPOINT="https://sso.example.com/authorize",
        DJANGO_OIDC_OP_TOKEN_ENDPOINT="https://sso.example.com/token",
        DJANGO_OIDC_OP_USER_ENDPOINT="https://sso.example.com/userinfo",
    )
    assert provider_url(server) == "http://sso.example.com"


@EMBEDDED_ONLY
def test_pages_of_the_provider_run_no_scripts_and_load_nothing_from_elsewhere(
    server: StartedServer,
) -> None:
    visitor = begin(server)
    visitor.click("Sign up")
    policy = visitor.page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert policy.endswith("form-action 'self'")
    sign_up_page = visitor.page.text
    assert not re.search(r"<script| style=| on\w+=|https?://", sign_up_page)
    visitor.submit(username="policy", email="policy@example.com", password=PASSWORD)
    # The only form that leads to Tecken says so: browsers hold redirects to the policy, too.
    policy = visitor.page.headers["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' {server.url}")


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.RequestException:
        return False
    return True
