# SPDX-License-Identifier: MPL-2.0

"""``import-uploaders``: the keys of a file work, and a file with something wrong changes nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.utils import timezone

from tecken.accounts.models import AuditEntry, User
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import check_token, token_permissions
from tecken.commands.main import cli

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_is_migrated")]

KEY, OTHER_KEY = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"


@pytest.fixture
def import_file(tmp_path: Path):
    """Return a function that imports what JSON says."""

    def run(content: object) -> Result:
        path = tmp_path / "uploaders.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return CliRunner().invoke(cli, ["import-uploaders", str(path)])

    return run


def test_keys_keep_working(import_file) -> None:
    given = {
        "You@example.com": [
            {"key": KEY, "notes": "nightly", "expires": "2099-06-29T18:46:19.228Z"},
            OTHER_KEY,
        ]
    }
    result = import_file(given)
    assert (result.exit_code, result.stdout) == (
        0,
        "People: 1. New tokens: 2. Tokens that were here: 0.\n",
    )
    token = check_token(f"{KEY}-comment")
    assert (token.user.email, token.notes, token.key_prefix) == (
        "You@example.com",
        "nightly",
        KEY[:8],
    )
    assert token.expires_at.isoformat() == "2099-06-29T18:46:19.228000+00:00"
    assert token_permissions(token) == {"upload.upload_symbols"}
    assert (check_token(OTHER_KEY).expires_at - timezone.now()).days == 364
    assert token.user.has_perm("tokens.manage_tokens")  # of the group Uploaders
    assert KEY not in json.dumps(list(Token.objects.values()), default=str)
    assert KEY not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_permissions_may_be_named(import_file) -> None:
    for key, names in ((KEY, ["upload_try_symbols"]), (OTHER_KEY, ["view_all_uploads"])):
        assert import_file({"you@example.com": [{"key": key, "permissions": names}]}).exit_code == 0
    assert token_permissions(check_token(KEY)) == {"upload.upload_try_symbols"}
    # The group Uploaders may not, and neither may its tokens.
    assert token_permissions(check_token(OTHER_KEY)) == set()


def test_it_can_be_repeated(import_file) -> None:
    import_file({"you@example.com": [KEY]})
    again = import_file({"YOU@example.com": [{"key": KEY, "notes": "other"}, OTHER_KEY]})
    assert again.stdout == "People: 1. New tokens: 1. Tokens that were here: 1.\n"
    assert User.objects.count() == 1
    assert check_token(KEY).notes == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a file of uploaders: Input data was truncated"),
        (b"\xff", "not a file of uploaders: JSON is malformed"),
        ([KEY], "not a file of uploaders: Expected `object`, got `array`"),
        ({"b@example.com": [{"notes": "x"}]}, "Object missing required field `key`"),
        ({"b@example.com": [{"key": KEY, "expire": "x"}]}, "contains unknown field `expire`"),
        ({"b@example.com": [{"key": KEY, "expires": "soon"}]}, "Invalid RFC3339"),
        ({"b": [KEY]}, "'b' is not an email address"),
        ({"b@example.com": [OTHER_KEY, "short"]}, "token 2 of b@example.com: a key must have 16"),
        ({"b@example.com": ["0123456789abcdef-0"]}, "a key must have 16 to 200 letters"),
        ({"b@example.com": ["0123456789abcdef 0"]}, "a key must have 16 to 200 letters"),
        ({"b@example.com": [{"key": KEY, "permissions": ["sing"]}]}, "'sing' is not a permission"),
        (
            {
                "b@example.com": [
                    {"key": KEY, "permissions": ["upload_symbols", "upload_try_symbols"]}
                ]
            },
            "token 1 of b@example.com: Invalid combination of permissions",
        ),
        (
            {"a@example.com": [KEY], "b@example.com": [KEY]},
            "token 1 of b@example.com: the key is one of a@example.com already",
        ),
        ({"b@example.com": [{"key": KEY, "notes": "a\0b"}]}, "must not have a NUL"),
    ],
)
def test_a_file_with_something_wrong_changes_nothing(import_file, content, message: str) -> None:
    result = import_file(content)
    assert result.exit_code == 1
    assert message in str(result.exception)
    assert KEY not in str(result.exception)
    assert (User.objects.count(), Token.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)
