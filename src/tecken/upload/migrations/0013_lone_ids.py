# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0012_deriving_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(("derived", True), ("role", "debuginfo")),
                fields=["id"],
                name="fileupload_lone",
            ),
        ),
    ]
