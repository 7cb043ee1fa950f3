# SPDX-License-Identifier: MPL-2.0

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("arguments", models.JSONField(default=dict)),
                (
                    "slot",
                    models.CharField(
                        blank=True,
                        help_text="which turn of a periodic task this is; no turn is added twice",
                        max_length=150,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("run_after", models.DateTimeField(default=django.utils.timezone.now)),
                ("held_until", models.DateTimeField(null=True)),
                (
                    "error",
                    models.TextField(blank=True, default="", help_text="of the last attempt"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["state", "run_after"], name="task_state_run_after")
                ],
            },
        ),
    ]
