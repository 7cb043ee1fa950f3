# SPDX-License-Identifier: MPL-2.0

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DownloadDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField(unique=True)),
                ("found", models.PositiveBigIntegerField(default=0)),
                ("missing", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MissingSymbol",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.BinaryField(max_length=16, unique=True)),
                ("symbol", models.CharField(max_length=150)),
                ("debugid", models.CharField(max_length=150)),
                ("filename", models.CharField(max_length=150)),
                ("code_file", models.CharField(blank=True, default="", max_length=150)),
                ("code_id", models.CharField(blank=True, default="", max_length=150)),
                ("count", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "modified_at",
                    models.DateTimeField(
                        help_text="when it was last written down that it is missing"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["modified_at", "id"], name="missing_modified_at"),
                    models.Index(fields=["symbol"], name="missing_symbol"),
                    models.Index(fields=["debugid"], name="missing_debugid"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MissingSymbolDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "symbol",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                (
                    "symbol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="days",
                        to="download.missingsymbol",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
    ]
