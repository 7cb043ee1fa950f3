# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models

import tecken.upload.folded


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0015_lacking_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(
                tecken.upload.folded.Folded("debug_file"),
                models.F("id"),
                name="fileupload_folded_name",
            ),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["code_id"], name="fileupload_code_id"),
        ),
    ]
