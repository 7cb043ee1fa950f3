# SPDX-License-Identifier: MPL-2.0

"""What deriving symbols needs to know: who derives which module, and which split units belong to which program."""

from typing import ClassVar

from django.db import models


class SplitId(models.Model):
    """The id of a split unit that is in a file, whose ``role`` is ``split``, or that a program refers to.

    Of each file there are the smallest ids, by which both find each other. ``split_id`` is the number of 64 bits as a
    signed one.
    """

    file = models.ForeignKey(
        "upload.FileUpload", on_delete=models.CASCADE, related_name="split_ids"
    )
    split_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["split_id"], name="splitid_split_id")]

    def __str__(self) -> str:
        return f"{self.split_id & 0xFFFF_FFFF_FFFF_FFFF:016x}"


class ModuleBeingDerived(models.Model):
    """A module whose symbols a process derives just now, until ``held_until``, which is moved on as long as that one lives.

    ``source`` is the name of the source that its files lie in. ``done`` of ``total`` bytes of debug information are done; both
    are 0 before that is known.
    """

    source = models.CharField(max_length=255)
    debug_id = models.CharField(max_length=255)
    owner = models.CharField(max_length=32)
    held_until = models.DateTimeField()
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["debug_id", "source"], name="being_derived_module")
        ]

    def __str__(self) -> str:
        return self.debug_id
