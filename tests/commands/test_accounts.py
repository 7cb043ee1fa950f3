# SPDX-License-Identifier: MPL-2.0

"""``superuser``, ``createtoken``, ``tokens`` and ``signin-link``."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from django.utils import timezone

from tecken.accounts.models import AuditEntry, User
from tecken.accounts.signin_links import use_link
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import check_token, token_permissions
from tecken.commands.main import cli
from tecken.core.errors import NotPermittedError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_is_migrated")]


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=typed)


def test_a_person_becomes_a_superuser_and_no_longer_is_one() -> None:
    User.objects.create(email="boss@example.com", is_superuser=True)
    assert run("superuser", "you@example.com").exit_code == 0
    assert User.objects.get(email="you@example.com").is_superuser
    assert run("superuser", "YOU@example.com", "--demote").exit_code == 0
    assert not User.objects.get(email="you@example.com").is_superuser


def test_the_email_is_asked_for() -> None:
    assert run("superuser", typed="you@example.com\n").exit_code == 0
    assert User.objects.get().email == "you@example.com"


def test_what_is_no_email_is_refused_in_one_line() -> None:
    result = run("superuser", "you")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: 'you' is not an email address; nothing was made\n",
    )


def test_a_token_is_printed_alone_and_works() -> None:
    result = run("createtoken", "ci@example.com", "--permission", "upload_symbols", "--days", "3")
    assert result.exit_code == 0
    token = check_token(result.stdout.strip())
    assert token_permissions(token) == {"upload.upload_symbols"}
    assert (token.expires_at - timezone.now()).days == 2


def test_a_token_that_only_reads_needs_no_permission() -> None:
    key = run("createtoken", "reader@example.com", "--notes", "my debugger").stdout.strip()
    assert token_permissions(check_token(key)) == frozenset()


def test_a_full_permission_name_is_taken_too() -> None:
    arguments = ("--permission", "upload.upload_try_symbols", "--notes", "try builds")
    result = run("createtoken", "ci@example.com", *arguments)
    token = check_token(result.stdout.strip())
    assert token_permissions(token) == {"upload.upload_try_symbols"}
    assert token.notes == "try builds"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("upload_symbols", "upload_try_symbols"), "Invalid combination of permissions"),
        (("sing",), "'sing' is not a permission of tokens"),
        (("manage_tokens",), "'manage_tokens' is not a permission of tokens"),
    ],
)
def test_what_a_token_cannot_hold_is_refused_and_nothing_is_made(
    names: tuple[str, ...], message: str
) -> None:
    options = [option for name in names for option in ("--permission", name)]
    result = run("createtoken", "ci@example.com", *options)
    assert result.exit_code == 1
    assert message in str(result.exception or result.stderr)
    assert not Token.objects.exists()
    assert not User.objects.exists()


def test_one_who_is_not_active_gets_no_token() -> None:
    User.objects.create(email="ci@example.com", is_active=False)
    result = run("createtoken", "ci@example.com", "--permission", "upload_symbols")
    assert (result.exit_code, result.stderr) == (1, "Error: ci@example.com is not active\n")


def test_the_last_superuser_is_not_demoted() -> None:
    run("superuser", "you@example.com")
    result = run("superuser", "you@example.com", "--demote")
    assert result.exit_code == 1
    assert "you@example.com is the last superuser" in str(result.exception)


def make_key(email: str) -> str:
    return run("createtoken", email, "--permission", "upload_symbols").stdout.strip()


def test_tokens_are_found_by_owner_and_by_their_first_characters() -> None:
    first, second = make_key("one@example.com"), make_key("two@example.com")
    Token.objects.filter(user__email="one@example.com").update(expires_at=timezone.now())
    assert [line.split("…")[0] for line in run("tokens").stdout.splitlines()] == [second[:8]]
    every = run("tokens", "--expired").stdout.splitlines()
    assert [line.split("…")[0] for line in every] == [second[:8], first[:8]]
    assert "one@example.com  upload_symbols  ended " in every[1]
    assert run("tokens", "--user", "one").stdout == "There are none.\n"
    [found] = json.loads(run("tokens", "--prefix", second[:5], "--json").stdout)
    assert (found["user"], found["last_used_at"]) == ("two@example.com", None)
    assert second not in run("tokens", "--json").stdout


def test_a_token_is_revoked_by_its_first_characters() -> None:
    key, other = make_key("one@example.com"), make_key("two@example.com")
    for prefixes, says in (
        (("abc",), "at least 4"),
        ((key[:8], "zzzz"), "zzzz: no token begins so"),
    ):
        refused = run("tokens", "revoke", *prefixes)
        assert (refused.exit_code, says in refused.output) == (1, True)
        assert Token.objects.count() == 2
    result = run("tokens", "revoke", key[:8])
    assert (result.exit_code, result.stdout.startswith(f"ended {key[:8]}…")) == (0, True)
    assert check_token(other).user.email == "two@example.com"
    with pytest.raises(NotPermittedError):
        check_token(key)
    assert AuditEntry.objects.latest("pk").action == "token deleted"


def test_several_tokens_that_begin_alike_are_not_revoked() -> None:
    make_key("one@example.com")
    make_key("two@example.com")
    Token.objects.update(key_prefix="3f9a01c2")
    assert "several tokens begin so" in run("tokens", "revoke", "3f9a01c2").output
    assert Token.objects.count() == 2


def test_a_signin_link_is_printed_alone_and_works() -> None:
    result = run("signin-link", "you@example.com", "--url", "https://symbols.example.com/")
    link = urlsplit(result.stdout.strip())
    assert link[:3] == ("https", "symbols.example.com", "/signin-link/")
    assert use_link(parse_qs(link.query)["key"][0], "").email == "you@example.com"


def test_a_signin_link_leads_to_this_machine_unless_it_is_told() -> None:
    link = run("signin-link", "you@example.com").stdout
    assert link.startswith("http://localhost:8000/signin-link/?key=")


def test_one_who_is_not_active_gets_no_signin_link() -> None:
    User.objects.create(email="you@example.com", is_active=False)
    result = run("signin-link", "you@example.com")
    assert (result.exit_code, result.stderr) == (1, "Error: you@example.com is not active\n")


def test_what_commands_do_is_in_the_audit_trail() -> None:
    run("superuser", "you@example.com")
    run("createtoken", "you@example.com", "--permission", "upload_symbols")
    run("signin-link", "you@example.com")
    trail = AuditEntry.objects.order_by("id").values_list("actor_name", "action", "subject_name")
    assert list(trail) == [
        ("command line", action, "you@example.com")
        for action in ("made superuser", "permissions granted", "token made", "sign-in link made")
    ]
