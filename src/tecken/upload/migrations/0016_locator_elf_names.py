# SPDX-License-Identifier: MPL-2.0

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0015_lacking_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(("kind", "elf")),
                fields=["debug_file", "id"],
                name="fileupload_elf_debug",
            ),
        ),
        migrations.AddIndex(
            model_name="fileupload",
            index=models.Index(
                condition=models.Q(("kind", "elf")),
                fields=["code_file", "id"],
                name="fileupload_elf_code",
            ),
        ),
    ]
