# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0010_resumable_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="fileupload",
            name="arch",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="fileupload",
            name="derivation",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="fileupload",
            name="derived",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="fileupload",
            name="has",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="separated by commas",
                max_length=100,
            ),
        ),
        migrations.AddField(
            model_name="fileupload",
            name="kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="fileupload",
            name="problem",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="fileupload",
            name="role",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="of a native file", max_length=20
            ),
        ),
    ]
