# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0004_files_without_upload"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["completed_at", "id"], name="fileupload_completed_at"),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["size", "id"], name="fileupload_size"),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["key", "id"], name="fileupload_key"),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["debug_id"], name="fileupload_debug_id"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["user", "created_at"], name="upload_user_created_at"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["completed_at", "id"], name="upload_completed_at"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["size", "id"], name="upload_size"),
        ),
    ]
