# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models
from django.db.models.functions import Coalesce

from tecken.web.added_indexes import AddIndexBesideWrites


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("upload", "0016_split_ids"),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name="fileupload",
            index=models.Index(
                models.F("bucket_name"),
                Coalesce("found_at", "created_at"),
                models.F("id"),
                condition=models.Q(("completed_at__isnull", False), ("deleted_at", None)),
                name="fileupload_brought",
            ),
        ),
        AddIndexBesideWrites(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(("derivation__in", ["pending", "waiting", "failed"])),
                fields=["debug_id"],
                name="fileupload_underived",
            ),
        ),
    ]
