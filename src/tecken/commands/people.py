# SPDX-License-Identifier: MPL-2.0

"""Finding the person that a command names."""

import click
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tecken.accounts.models import User


def person(email: str) -> User:
    """Return the user of an email, who is made when not there yet."""
    try:
        validate_email(email)
    except ValidationError:
        raise click.ClickException(f"{email!r} is not an email address; nothing was made") from None
    user, _ = User.objects.get_or_create_by_email(email)
    return user


def active_person(email: str) -> User:
    """Return the same, if that one may sign in and have tokens."""
    user = person(email)
    if not user.is_active:
        raise click.ClickException(f"{user.email} is not active")
    return user
