# SPDX-License-Identifier: MPL-2.0

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0003_unfinished_files"),
    ]

    operations = [
        migrations.AlterField(
            model_name="fileupload",
            name="upload",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="upload.upload",
            ),
        ),
    ]
