# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0006_newest_of_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="SweepCursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="the name of a source", max_length=255, unique=True),
                ),
                ("key", models.TextField(help_text="of the last index that was looked at")),
                ("modified_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
    ]
