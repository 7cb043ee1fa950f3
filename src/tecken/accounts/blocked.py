# SPDX-License-Identifier: MPL-2.0

"""Whoever is blocked at the provider is let in no longer, with a session or with a token.

People leave, and their tokens must not outlive that. So Auth0 is asked now and then, at the first
request of somebody after ``NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS``. Who is blocked becomes inactive,
and active again by signing in. While Auth0 cannot be asked, everybody is let in and it is tried again
soon.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tecken.accounts.audit import Action, record
from tecken.accounts.auth0 import Auth0Error, Standing, standing_of
from tecken.accounts.models import User
from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.errors import NotPermittedError
from tecken.web.best_effort import Notes

logger = logging.getLogger(__name__)

# After these it is asked again, should it not answer, or this process end before it does.
_SOON = timedelta(seconds=60)
_CHECK = "blocked check"

_auth0 = CircuitBreaker()
_checks = Notes("checks of users at Auth0")


class BlockedError(NotPermittedError):
    """Somebody is blocked at the provider."""

    def __init__(self) -> None:
        super().__init__("User is blocked in Auth0 and made inactive.")


def require_not_blocked(user: User) -> None:
    """Ask Auth0 about an active user, if it is time to. Raises BlockedError."""
    is_on = settings.ENABLE_AUTH0_BLOCKED_CHECK and settings.OIDC_OP_USER_ENDPOINT
    if not is_on or not user.is_active or not _is_due(user) or not _take_turn(user):
        return
    standing = _ask(user)
    if standing is None:
        return
    # Who never came by the provider, as a build system, need not be known there.
    unknown_since = standing is Standing.UNKNOWN and user.has_used_provider
    if standing is Standing.BLOCKED or unknown_since:
        _switch_off(user, reason=standing.value)
        raise BlockedError
    _checks.write(
        lambda: User.objects.filter(pk=user.pk).update(provider_checked_at=timezone.now())
    )


@transaction.atomic
def note_vouched_for(user: User) -> None:
    """Note that the provider says who somebody is; one whom the check switched off is back."""
    changed = []
    if not user.has_used_provider:
        user.has_used_provider = True
        changed.append("has_used_provider")
    if user.is_blocked and not user.is_active:
        user.is_blocked, user.is_active = False, True
        changed += ["is_blocked", "is_active"]
        record(Action.MADE_ACTIVE, user, by=_CHECK, reason="signed in")
    if changed:
        user.save(update_fields=changed)


def _is_due(user: User) -> bool:
    return user.provider_checked_at is None or user.provider_checked_at <= (
        timezone.now() - _interval()
    )


def _take_turn(user: User) -> bool:
    """Say whether this request is the one that asks: of many at once, on any node, one does.

    None does while that cannot be written: whoever it is is let in, as when Auth0 cannot be asked.
    """
    now = timezone.now()
    due = Q(provider_checked_at=None) | Q(provider_checked_at__lte=now - _interval())
    next_try = now - _interval() + min(_SOON, _interval())
    turn = User.objects.filter(due, pk=user.pk)
    return bool(_checks.write(lambda: turn.update(provider_checked_at=next_try)))


def _ask(user: User) -> Standing | None:
    """Return what Auth0 says, None while it cannot be asked."""
    if not _auth0.may_ask():
        return None
    try:
        standing = standing_of(user.email)
    except Auth0Error as error:
        _auth0.failed()
        logger.warning("user %s is let in unchecked: %s", user.pk, error)
        return None
    _auth0.worked()
    return standing


@transaction.atomic
def _switch_off(user: User, *, reason: str) -> None:
    switched = User.objects.filter(pk=user.pk, is_active=True)
    now = timezone.now()
    if switched.update(is_active=False, is_blocked=True, provider_checked_at=now):
        record(Action.MADE_INACTIVE, user, by=_CHECK, reason=f"{reason} in Auth0")


def _interval() -> timedelta:
    return timedelta(seconds=settings.NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS)
