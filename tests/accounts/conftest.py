# SPDX-License-Identifier: MPL-2.0

"""People and permissions. The upload application is not needed to ask who may do what."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from tecken.accounts.models import User


@pytest.fixture
def may_manage_tokens(db: None) -> Permission:
    return Permission.objects.get(codename="manage_tokens")


@pytest.fixture
def may_do_something(db: None) -> Permission:
    content_type = ContentType.objects.get_for_model(User)
    return Permission.objects.create(
        content_type=content_type, codename="do_something", name="Do something"
    )


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create(email="Builder@example.com")
