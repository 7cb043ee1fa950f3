# SPDX-License-Identifier: MPL-2.0

"""``tecken tokens``: finds API tokens, and ends them."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tecken.client.terminal import printable
from tecken.commands.django import with_database

if TYPE_CHECKING:
    from tecken.accounts.tokens.models import Token

_LEAST_CHARACTERS = 4  # of a key that is to end a token


@click.group(invoke_without_command=True)
@click.option("--user", help="Only those of people with this in their email.")
@click.option(
    "--prefix", help="Only those whose keys begin so; of a key eight characters are known."
)
@click.option("--expired", is_flag=True, help="Those that have ended, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    context: click.Context, user: str | None, prefix: str | None, expired: bool, as_json: bool
) -> None:
    """List API tokens, the newest first: the first characters of the key, owner, permissions, end.

    \b
    Example:
      tecken tokens --user builder@example.com
      tecken tokens --prefix 3f9a
      tecken tokens revoke 3f9a01c2
    """
    if context.invoked_subcommand is None:
        _list(user, prefix, expired, as_json)
    elif user or prefix or expired or as_json:
        raise click.UsageError("the options are for the list")


@command.command("revoke")
@click.argument("prefixes", nargs=-1, required=True, metavar="PREFIX...")
@with_database
def revoke_command(prefixes: Sequence[str]) -> None:
    """End tokens for good, each by the first characters of its key. The next request is refused.

    Nothing is ended where one of them fits no token, or several.

    \b
    Example:
      tecken tokens revoke 3f9a01c2
    """
    from django.db import transaction

    from tecken.accounts.audit import COMMAND_LINE
    from tecken.accounts.tokens.services import delete_token

    with transaction.atomic():
        for token in [_the_one(prefix) for prefix in prefixes]:
            line = _line(token)
            delete_token(token, by=COMMAND_LINE)
            click.echo(f"ended {line}")


def _the_one(prefix: str) -> "Token":
    from tecken.accounts.tokens.models import PREFIX_CHARACTERS, Token

    if len(prefix) < _LEAST_CHARACTERS:
        raise click.ClickException(f"{prefix}: name at least {_LEAST_CHARACTERS} characters")
    rows = Token.objects.select_related("user").select_for_update(of=("self",))
    found = list(rows.filter(key_prefix__istartswith=prefix[:PREFIX_CHARACTERS])[:2])
    if len(found) != 1:
        raise click.ClickException(
            f"{prefix}: {'several tokens begin' if found else 'no token begins'} so"
        )
    return found[0]


@with_database
def _list(user: str | None, prefix: str | None, expired: bool, as_json: bool) -> None:
    from django.utils import timezone

    from tecken.accounts.tokens.models import PREFIX_CHARACTERS, Token

    rows = Token.objects.select_related("user").prefetch_related("permissions__content_type")
    if user:
        rows = rows.filter(user__email__icontains=user)
    if prefix:
        rows = rows.filter(key_prefix__istartswith=prefix[:PREFIX_CHARACTERS])
    if not expired:
        rows = rows.filter(expires_at__gt=timezone.now())
    tokens = list(rows.order_by("-created_at", "-pk"))
    if as_json:
        click.echo(json.dumps([_as_json(token) for token in tokens], indent=2))
        return
    for token in tokens:
        click.echo(_line(token))
    if not tokens:
        click.echo("There are none.")


def _line(token: "Token") -> str:
    last = f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never"
    names = ", ".join(sorted(permission.codename for permission in token.permissions.all()))
    state = "ended" if token.is_expired else "until"
    notes = f"  {printable(token.notes.splitlines()[0])}" if token.notes.strip() else ""
    return (
        f"{token.key_prefix}…  {printable(token.user.email)}  {names or 'no permission'}  "
        f"{state} {token.expires_at:%Y-%m-%d}  last used {last}{notes}"
    )


def _as_json(token: "Token") -> dict[str, object]:
    return {
        "id": token.pk,
        "key_prefix": token.key_prefix,
        "user": token.user.email,
        "permissions": sorted(permission.codename for permission in token.permissions.all()),
        "notes": token.notes,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
    }
