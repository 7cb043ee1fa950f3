# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models

from tecken.web.added_indexes import AddIndexBesideWrites


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("upload", "0012_deriving_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(("derived", True), ("role", "debuginfo")),
                fields=["id"],
                name="fileupload_lone",
            ),
        ),
    ]
