# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0002_uploads_created"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(("completed_at", None)),
                fields=["key"],
                name="fileupload_unfinished",
            ),
        ),
    ]
