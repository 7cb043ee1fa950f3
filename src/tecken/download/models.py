# SPDX-License-Identifier: MPL-2.0

"""What was asked for and not found, and how many downloads there were."""

from django.db import models

MAX_FIELD_LENGTH = 150


class MissingSymbol(models.Model):
    """A symbol key that no source had, with the module that whoever asked needed it for.

    ``count`` is the number of days on which it was asked for. ``symbol`` is the debug file,
    ``filename`` the symbol file: the names are those of the original reports. ``hash`` is of these
    five fields: it finds a row by 16 bytes in place of up to 750 characters.
    """

    hash = models.BinaryField(max_length=16, unique=True)
    symbol = models.CharField(max_length=MAX_FIELD_LENGTH)
    debugid = models.CharField(max_length=MAX_FIELD_LENGTH)
    filename = models.CharField(max_length=MAX_FIELD_LENGTH)
    code_file = models.CharField(max_length=MAX_FIELD_LENGTH, blank=True, default="")
    code_id = models.CharField(max_length=MAX_FIELD_LENGTH, blank=True, default="")
    count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(help_text="when it was last written down that it is missing")

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(fields=["modified_at", "id"], name="missing_modified_at"),
            models.Index(fields=["symbol", "modified_at", "id"], name="missing_symbol"),
            models.Index(fields=["count"], name="missing_count"),
            models.Index(fields=["debugid"], name="missing_debugid"),
        )

    def __str__(self) -> str:
        return f"{self.symbol}/{self.debugid}/{self.filename}"


class MissingSymbolDay(models.Model):
    """That a missing symbol was asked for on a day (UTC): the report of a day are its rows."""

    pk = models.CompositePrimaryKey("day", "symbol")
    day = models.DateField()
    symbol = models.ForeignKey(MissingSymbol, on_delete=models.DO_NOTHING, related_name="days")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.symbol_id} on {self.day}"


class MissingDay(models.Model):
    """How many missing symbols are written down of a day (UTC), which is bounded."""

    day = models.DateField(unique=True)
    symbols = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.symbols} on {self.day}"


class DownloadDay(models.Model):
    """How many downloads (GET) of a day (UTC) were found, and how many were not."""

    date = models.DateField(unique=True)
    found = models.PositiveBigIntegerField(default=0)
    missing = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.date}: {self.found} found, {self.missing} missing"
