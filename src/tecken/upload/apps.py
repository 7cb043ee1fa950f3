# SPDX-License-Identifier: MPL-2.0

"""The application ``upload``."""

from django.apps import AppConfig


class UploadConfig(AppConfig):
    name = "tecken.upload"
