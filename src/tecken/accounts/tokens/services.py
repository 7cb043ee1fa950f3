# SPDX-License-Identifier: MPL-2.0

"""Making and checking tokens."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tecken.accounts.audit import Action, record
from tecken.accounts.models import User
from tecken.accounts.tokens.models import PREFIX_CHARACTERS, Token
from tecken.core.errors import InvalidRequestError, NotPermittedError
from tecken.web.best_effort import Notes

_KEY_BYTES = 16
_MIN_KEY_LENGTH = 16  # of one that we did not make: digests of short ones can be reversed
# Of a header only what stands before the first - is looked at.
_USABLE_KEY = re.compile(rf"[!-,.-~]{{{_MIN_KEY_LENGTH},200}}")
_LAST_USE_PRECISION = timedelta(hours=1)
_EXCLUSIVE = frozenset({"upload.upload_symbols", "upload.upload_try_symbols"})

_last_uses = Notes("last uses of tokens")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its key, which nobody can be told again."""

    token: Token
    key: str


def permission_name(permission: Permission) -> str:
    """Return ``upload.upload_symbols``."""
    return f"{permission.content_type.app_label}.{permission.codename}"


def create_token(
    user: User,
    permissions: Collection[Permission],
    *,
    days: int,
    notes: str = "",
    by: User | str,
) -> NewToken:
    """Make a token that ends in ``days``.

    Raises InvalidRequestError for permissions that one token cannot have: an upload with both
    kinds could not tell where its symbols belong.
    """
    key = secrets.token_hex(_KEY_BYTES)
    expires_at = _in_days(timezone.now(), days)
    token = _make(user, key, permissions, expires_at=expires_at, notes=notes, by=by, days=days)
    return NewToken(token, key)


def import_token(
    user: User,
    key: str,
    permissions: Collection[Permission],
    *,
    expires_at: datetime,
    notes: str,
    by: User | str,
) -> bool:
    """Make a token with a key that people have already; say whether it is new.

    Raises InvalidRequestError for a key that cannot be sent or could be guessed, and for one that
    is somebody else's. The messages do not have the key in them.
    """
    if not _USABLE_KEY.fullmatch(key):
        raise InvalidRequestError(
            f"a key must have {_MIN_KEY_LENGTH} to 200 letters, digits or signs, and no -"
        )
    owner = (
        Token.objects.filter(key_hash=hash_key(key)).values_list("user__email", flat=True).first()
    )
    if owner is not None and owner != user.email:
        raise InvalidRequestError(f"the key is one of {owner} already")
    if owner is None:
        _make(user, key, permissions, expires_at=expires_at, notes=notes, by=by, imported=True)
    return owner is None


@transaction.atomic
def _make(
    user: User,
    key: str,
    permissions: Collection[Permission],
    *,
    expires_at: datetime,
    notes: str,
    by: User | str,
    **details: object,
) -> Token:
    names = sorted(map(permission_name, permissions))
    if _EXCLUSIVE.issubset(names):
        raise InvalidRequestError("Invalid combination of permissions")
    token = Token.objects.create(
        user=user,
        key_hash=hash_key(key),
        key_prefix=key[:PREFIX_CHARACTERS],
        notes=notes,
        expires_at=expires_at,
    )
    token.permissions.set(permissions)
    record(Action.TOKEN_MADE, user, by=by, **_about(token), permissions=names, **details)
    return token


@transaction.atomic
def extend_token(token: Token, *, days: int, by: User) -> None:
    """Let a token, whose row is locked, last so many more days, from now on when it has ended.

    Raises InvalidRequestError.
    """
    token.expires_at = _in_days(max(token.expires_at, timezone.now()), days)
    token.save(update_fields=["expires_at"])
    record(Action.TOKEN_EXTENDED, token.user, by=by, **_about(token), days=days)


@transaction.atomic
def delete_token(token: Token, *, by: User | str) -> None:
    """End a token, whose row is locked, for good."""
    record(Action.TOKEN_DELETED, token.user, by=by, **_about(token))
    token.delete()


def _in_days(start: datetime, days: int) -> datetime:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise InvalidRequestError(f"{days} days is too far in the future") from None


def _about(token: Token) -> dict[str, object]:
    """What the audit trail says of a token: enough to know it by, too little to use it."""
    return {"token": token.key_prefix, "notes": token.notes}


def check_token(header: str) -> Token:
    """Return the token of an ``Auth-Token`` header, and note that it was used, if that can be written.

    The text after the first ``-`` is a comment. Raises NotPermittedError that says why not.
    """
    key = key_of(header)
    token = Token.objects.select_related("user").filter(key_hash=hash_key(key)).first()
    now = timezone.now()
    if token is None:
        raise NotPermittedError("API Token not matched")
    if token.is_expired:
        raise NotPermittedError("API Token found but expired")
    if not token.user.is_active:
        raise NotPermittedError("API Token matched but user not active")
    if token.last_used_at is None or token.last_used_at <= now - _LAST_USE_PRECISION:
        # Of many requests at once the first writes; the others find nothing to do.
        unused = Q(last_used_at=None) | Q(last_used_at__lte=now - _LAST_USE_PRECISION)
        unnoted = Token.objects.filter(unused, pk=token.pk)
        _last_uses.write(lambda: unnoted.update(last_used_at=now))
    return token


def token_permissions(token: Token) -> frozenset[str]:
    """Return what a token grants: its own permissions, of those its owner still has."""
    own = token.permissions.all()
    if not token.user.is_superuser:
        own = own.filter(Q(user=token.user) | Q(group__user=token.user))
    names = own.values_list("content_type__app_label", "codename").distinct()
    return frozenset(f"{app}.{codename}" for app, codename in names)


def key_of(header: str) -> str:
    """Return the key of an ``Auth-Token`` header: the text after the first ``-`` is a comment."""
    return header.partition("-")[0].strip()


def hash_key(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
