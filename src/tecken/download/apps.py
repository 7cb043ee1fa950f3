# SPDX-License-Identifier: MPL-2.0

"""The application ``download``."""

from django.apps import AppConfig


class DownloadConfig(AppConfig):
    name = "tecken.download"
