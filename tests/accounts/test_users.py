# SPDX-License-Identifier: MPL-2.0

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError

from tecken.accounts.models import User


def test_an_email_in_another_case_is_the_same_person(user: User) -> None:
    assert User.objects.get_or_create_by_email("builder@EXAMPLE.com") == (user, False)
    assert User.objects.get_by_natural_key("BUILDER@example.com") == user
    with pytest.raises(IntegrityError):
        User.objects.create(email="builder@example.com")


def test_a_new_person_may_do_nothing(user: User) -> None:
    assert user.is_active
    assert not user.is_superuser
    assert user.get_all_permissions() == set()


def test_the_groups_have_their_permissions_after_a_migration(db: None) -> None:
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    for name in ("Uploaders", "Upload Auditors"):
        codenames = Group.objects.get(name=name).permissions.values_list("codename", flat=True)
        assert "manage_tokens" in codenames


def test_every_change_of_a_model_has_its_migration(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
