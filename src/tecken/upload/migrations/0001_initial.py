# SPDX-License-Identifier: MPL-2.0

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("filename", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField(help_text="bytes of the archive")),
                ("content_hash", models.CharField(help_text="MD5 of the archive", max_length=32)),
                ("bucket_name", models.CharField(max_length=255)),
                ("bucket_region", models.CharField(blank=True, default="", max_length=100)),
                ("bucket_endpoint_url", models.CharField(blank=True, default="", max_length=1000)),
                ("try_symbols", models.BooleanField()),
                ("skipped_keys", models.JSONField(default=list)),
                ("ignored_keys", models.JSONField(default=list)),
                ("download_url", models.TextField(blank=True, default="")),
                ("redirect_urls", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("completed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("upload_symbols", "Upload Symbols Files"),
                    ("upload_try_symbols", "Upload Try Symbols Files"),
                    ("view_all_uploads", "View All Symbols Uploads"),
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FileUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bucket_name", models.CharField(max_length=255)),
                ("key", models.CharField(max_length=1024)),
                ("update", models.BooleanField(help_text="whether it replaced an object")),
                ("compressed", models.BooleanField()),
                ("size", models.PositiveBigIntegerField(null=True)),
                ("original_size", models.PositiveBigIntegerField()),
                ("debug_file", models.CharField(max_length=255)),
                ("debug_id", models.CharField(max_length=255)),
                ("code_file", models.CharField(blank=True, default="", max_length=255)),
                ("code_id", models.CharField(blank=True, default="", max_length=255)),
                ("generator", models.CharField(blank=True, default="", max_length=255)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("completed_at", models.DateTimeField(null=True)),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="upload.upload",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["created_at"], name="upload_created_at"),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["debug_file", "debug_id"], name="fileupload_debug"),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["code_file", "code_id"], name="fileupload_code"),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(fields=["created_at"], name="fileupload_created_at"),
        ),
    ]
