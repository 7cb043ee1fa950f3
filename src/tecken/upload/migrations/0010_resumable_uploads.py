# SPDX-License-Identifier: MPL-2.0

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0009_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ResumableUpload",
            fields=[
                (
                    "id",
                    models.CharField(
                        help_text="hard to guess", max_length=32, primary_key=True, serialize=False
                    ),
                ),
                ("filename", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField(help_text="bytes of the archive")),
                ("offset", models.PositiveBigIntegerField(default=0)),
                ("metadata", models.TextField(help_text="as the client sent it")),
                (
                    "source",
                    models.CharField(
                        help_text="the name of the source of its bucket", max_length=255
                    ),
                ),
                (
                    "bucket_name",
                    models.CharField(help_text="as the client named it", max_length=255),
                ),
                ("try_symbols", models.BooleanField()),
                ("answer", models.JSONField(null=True)),
                ("error", models.TextField(blank=True, default="")),
                ("error_status", models.PositiveSmallIntegerField(null=True)),
                ("finishing_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resumable_uploads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ResumablePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.PositiveBigIntegerField()),
                ("size", models.PositiveBigIntegerField()),
                ("key", models.CharField(max_length=1024)),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="upload.resumableupload",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="resumableupload",
            index=models.Index(fields=["expires_at"], name="resumable_expires_at"),
        ),
        migrations.AddConstraint(
            model_name="resumablepart",
            constraint=models.UniqueConstraint(
                fields=("upload", "start"), name="resumable_part_start"
            ),
        ),
    ]
