# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models

import tecken.upload.folded
from tecken.web.added_indexes import AddIndexBesideWrites


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("upload", "0018_elf_names"),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name="fileupload",
            index=models.Index(
                tecken.upload.folded.Folded("debug_file"),
                models.F("id"),
                name="fileupload_folded_name",
            ),
        ),
        AddIndexBesideWrites(
            model_name="fileupload",
            index=models.Index(fields=["code_id"], name="fileupload_code_id"),
        ),
    ]
