# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Users. A person is known by an email address; there are no passwords."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    """Finds and makes users by email, in any case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def get_or_create_by_email(self, email: str) -> tuple["User", bool]:
        """Return the user of an email, who is made without any permission when not there yet."""
        return self.get_or_create(email__iexact=email, defaults={"email": email})


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or a build system that acts for one."""

    password = None  # type: ignore[assignment]  # people sign in through their provider
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case")
        ]

    def __str__(self) -> str:
        return self.email
