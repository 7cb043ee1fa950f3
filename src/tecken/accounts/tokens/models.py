# SPDX-License-Identifier: MPL-2.0

"""API tokens, of which only a digest is kept."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.utils import timezone

PREFIX_CHARACTERS = 8  # of a key, by which people know it


class Token(models.Model):
    """Some of its owner's permissions, for a time, for whoever knows the key.

    ``key_hash`` is the SHA-256 of the key. The key is 128 random bits, so a digest without salt
    cannot be reversed, and can be looked up.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens"
    )
    key_hash = models.CharField(max_length=64, unique=True)
    key_prefix = models.CharField(max_length=PREFIX_CHARACTERS)
    permissions = models.ManyToManyField(Permission)
    notes = models.TextField(blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [("manage_tokens", "Manage Your API Tokens")]

    def __str__(self) -> str:
        return f"{self.key_prefix}… of {self.user}"

    @property
    def is_expired(self) -> bool:
        """Whether it works no more."""
        return self.expires_at <= timezone.now()
