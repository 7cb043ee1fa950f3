# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
