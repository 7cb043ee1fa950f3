# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("download", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="missingsymbol",
            index=models.Index(fields=["count"], name="missing_count"),
        ),
    ]
