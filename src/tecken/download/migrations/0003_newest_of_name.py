# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("download", "0002_lists"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="missingsymbol",
            name="missing_symbol",
        ),
        migrations.AddIndex(
            model_name="missingsymbol",
            index=models.Index(fields=["symbol", "modified_at", "id"], name="missing_symbol"),
        ),
    ]
