# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="request_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="of the request that added it, for logs",
                max_length=64,
            ),
        ),
    ]
