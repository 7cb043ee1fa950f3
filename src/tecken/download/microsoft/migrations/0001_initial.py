# SPDX-License-Identifier: MPL-2.0

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("upload", "0004_files_without_upload"),
    ]

    operations = [
        migrations.CreateModel(
            name="MicrosoftDownload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.TextField()),
                ("debug_file", models.CharField(max_length=255)),
                ("debug_id", models.CharField(max_length=255)),
                ("symbol_file", models.CharField(max_length=255)),
                ("turn", models.PositiveBigIntegerField()),
                ("error", models.TextField(blank=True, default="")),
                ("skipped", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("completed_at", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="upload.fileupload",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["created_at"], name="microsoft_created_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("debug_file", "debug_id", "symbol_file", "turn"),
                        name="microsoft_turn",
                    )
                ],
            },
        ),
    ]
