# SPDX-License-Identifier: MPL-2.0

"""Links that sign a person in once, for a machine without a provider.

Only the digest of a key is kept. Keys have 256 random bits, so they cannot be found by trying; who
sends many wrong ones is asked to stop. A right key works, however many were wrong.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tecken.accounts.audit import Action, record
from tecken.accounts.models import SigninLink, User
from tecken.core.errors import BusyError, NotPermittedError
from tecken.web.per_minute import PerMinute

LIFETIME = timedelta(minutes=10)

_KEY_BYTES = 32
_WRONG_KEYS = PerMinute("wrong-signin-links", 60)


def make_link(user: User, *, by: User | str) -> str:
    """Return the key of a new link; links that have ended are dropped."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    now = timezone.now()
    with transaction.atomic():
        SigninLink.objects.filter(expires_at__lte=now).delete()
        SigninLink.objects.create(user=user, key_hash=_hash(key), expires_at=now + LIFETIME)
        record(Action.LINK_MADE, user, by=by)
    return key


def owner_of_link(key: str, client: str) -> User:
    """Return whom a link signs in; it stays usable. ``client`` is where the key comes from.

    Raises NotPermittedError for a key that signs nobody in, BusyError when that client had too many
    of these.
    """
    link = SigninLink.objects.select_related("user").filter(key_hash=_hash(key)).first()
    if link is None or link.expires_at <= timezone.now() or not link.user.is_active:
        if not _WRONG_KEYS.note(client):
            raise BusyError("Too many sign-in links were wrong. Try again in a minute.")
        raise _useless()
    return link.user


def use_link(key: str, client: str) -> User:
    """Return whom a link signs in, and end it: of several who use it at once, one is signed in.

    Raises NotPermittedError and BusyError as ``owner_of_link`` does.
    """
    user = owner_of_link(key, client)
    deleted, _ = SigninLink.objects.filter(key_hash=_hash(key)).delete()
    if not deleted:
        raise _useless()
    return user


def _useless() -> NotPermittedError:
    return NotPermittedError("This sign-in link is wrong, was used before, or has ended.")


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
