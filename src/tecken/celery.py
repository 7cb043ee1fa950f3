# SPDX-License-Identifier: MPL-2.0

"""The Celery application, which sends messages; a worker also has what is in ``jobs.celery_worker``."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")

app = Celery("tecken", include=["tecken.jobs.celery_worker"])
app.config_from_object("django.conf:settings", namespace="CELERY")


@setup_logging.connect
def _keep_our_logging(**_details: Any) -> None:
    """Being connected, this keeps Celery from setting up log lines of its own form."""
