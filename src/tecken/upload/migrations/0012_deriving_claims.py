# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0011_native_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModuleBeingDerived",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=255)),
                ("debug_id", models.CharField(max_length=255)),
                ("owner", models.CharField(max_length=32)),
                ("held_until", models.DateTimeField()),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("total", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("debug_id", "source"), name="being_derived_module"
                    )
                ],
            },
        ),
    ]
