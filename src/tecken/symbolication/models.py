# SPDX-License-Identifier: MPL-2.0

"""How much was symbolicated."""

from typing import ClassVar

from django.db import models


class SymbolicationDay(models.Model):
    """How many requests of one version of the interface (``v4``, ``v5``, ``text``) a day (UTC) had."""

    date = models.DateField()
    version = models.CharField(max_length=10)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["date", "version"], name="symbolication_day_version")
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.count} of {self.version}"
