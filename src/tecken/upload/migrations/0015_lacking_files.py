# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models

from tecken.web.added_indexes import AddIndexBesideWrites


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("upload", "0014_chunks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(
                    ("derivation", "done"), models.Q(("problem", ""), _negated=True)
                ),
                fields=["problem"],
                name="fileupload_lacking",
            ),
        ),
    ]
