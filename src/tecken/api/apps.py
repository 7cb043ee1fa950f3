# SPDX-License-Identifier: MPL-2.0

"""The application ``api``; it has no rows of its own."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tecken.api"
