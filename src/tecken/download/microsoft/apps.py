# SPDX-License-Identifier: MPL-2.0

"""The application ``microsoft``."""

from django.apps import AppConfig


class MicrosoftConfig(AppConfig):
    name = "tecken.download.microsoft"
