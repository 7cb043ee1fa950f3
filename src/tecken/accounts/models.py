# SPDX-License-Identifier: MPL-2.0

"""Users, the links by which they sign in without a provider, and what was done by whom.

A person is known by an email address; there are no passwords.
"""

from typing import ClassVar

from django.conf import settings
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
    has_used_provider = models.BooleanField(default=False, help_text="to sign in, once at least")
    provider_checked_at = models.DateTimeField(
        null=True, help_text="when it was last asked whether the user is blocked there"
    )
    is_blocked = models.BooleanField(
        default=False, help_text="made inactive by that check, not by a superuser"
    )

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


class SigninLink(models.Model):
    """Signs its user in, once. ``key_hash`` is the SHA-256 of a key of 256 random bits."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"link of {self.user}"


class AuditEntry(models.Model):
    """Something done to accounts, background tasks or uploads, which is kept for good.

    ``actor`` is who did it and ``subject`` whom it was done to. Their names stay when they are gone;
    an actor without a user is a command or a check, which ``actor_name`` tells. ``details`` has
    names and numbers, never a secret.
    """

    class Action(models.TextChoices):
        SIGNED_IN = "signed in"
        SIGNED_OUT = "signed out"
        LINK_MADE = "sign-in link made"
        TOKEN_MADE = "token made"  # noqa: S105 - no password
        TOKEN_EXTENDED = "token extended"  # noqa: S105 - nor this
        TOKEN_DELETED = "token deleted"  # noqa: S105 - nor this
        GROUPS_CHANGED = "groups changed"
        PERMISSIONS_GRANTED = "permissions granted"
        SUPERUSER_MADE = "made superuser"
        SUPERUSER_TAKEN = "superuser taken back"
        MADE_ACTIVE = "made active"
        MADE_INACTIVE = "made inactive"
        TASKS_RETRIED = "tasks retried"
        TASKS_DROPPED = "tasks dropped"
        SYMBOLS_DELETED = "symbols deleted"

    created_at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=30)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=254)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    subject_name = models.CharField(max_length=254)
    details = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["created_at", "id"], name="auditentry_created_at")
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.action} by {self.actor_name}"
