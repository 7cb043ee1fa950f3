# SPDX-License-Identifier: MPL-2.0

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_sweeping(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Remove turns of a periodic task that there is no more: whoever has one would try it for ever."""
    apps.get_model("jobs", "Task").objects.filter(name="microsoft.sweep_folders").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
        ("microsoft", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forget_sweeping, migrations.RunPython.noop),
    ]
