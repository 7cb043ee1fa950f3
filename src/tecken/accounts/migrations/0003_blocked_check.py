# SPDX-License-Identifier: MPL-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_and_signin_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="has_used_provider",
            field=models.BooleanField(default=False, help_text="to sign in, once at least"),
        ),
        migrations.AddField(
            model_name="user",
            name="is_blocked",
            field=models.BooleanField(
                default=False, help_text="made inactive by that check, not by a superuser"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="provider_checked_at",
            field=models.DateTimeField(
                help_text="when it was last asked whether the user is blocked there", null=True
            ),
        ),
    ]
