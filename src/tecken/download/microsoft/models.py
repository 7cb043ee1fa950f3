# SPDX-License-Identifier: MPL-2.0

"""What was asked of Microsoft's symbol server, and what became of it."""

from typing import ClassVar

from django.db import models


class MicrosoftDownload(models.Model):
    """One attempt to have a symbol file from Microsoft; without ``completed_at`` it is not over.

    It ends with an ``error``, or it was ``skipped`` because the bucket had the same file already, or
    it has the ``file`` that was stored. ``turn`` counts the periods in which a key is asked for
    once at most.
    """

    url = models.TextField()
    debug_file = models.CharField(max_length=255)
    debug_id = models.CharField(max_length=255)
    symbol_file = models.CharField(max_length=255)
    turn = models.PositiveBigIntegerField()
    error = models.TextField(blank=True, default="")
    skipped = models.BooleanField(default=False)
    file = models.ForeignKey(
        "upload.FileUpload", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["debug_file", "debug_id", "symbol_file", "turn"], name="microsoft_turn"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="microsoft_created_at"),
        ]

    def __str__(self) -> str:
        return self.url
