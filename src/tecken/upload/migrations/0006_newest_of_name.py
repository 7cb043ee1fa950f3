# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0005_lists"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(
                fields=["debug_file", "created_at", "id"], name="fileupload_debug_newest"
            ),
        ),
    ]
