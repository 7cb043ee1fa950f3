# SPDX-License-Identifier: MPL-2.0

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0013_lone_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChunkedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="the name of the source of its bucket", max_length=255
                    ),
                ),
                ("try_symbols", models.BooleanField()),
                ("sha1", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=255)),
                ("chunks", models.JSONField(help_text="their SHA-1s, in their order")),
                ("batch", models.CharField(max_length=32)),
                ("state", models.CharField(max_length=20)),
                ("detail", models.TextField(blank=True, default="")),
                ("changed_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="upload.fileupload",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["source", "sha1"], name="chunked_file_source"),
                    models.Index(fields=["batch"], name="chunked_file_batch"),
                    models.Index(fields=["changed_at"], name="chunked_file_changed_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "source", "sha1"), name="chunked_file_sha1"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="the name of the source of its bucket", max_length=255
                    ),
                ),
                ("sha1", models.CharField(max_length=40)),
                ("size", models.PositiveBigIntegerField()),
                ("key", models.CharField(max_length=1024)),
                ("asked_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["asked_at"], name="upload_chunk_asked_at"),
                    models.Index(fields=["key"], name="upload_chunk_key"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "source", "sha1"), name="upload_chunk_sha1"
                    )
                ],
            },
        ),
    ]
