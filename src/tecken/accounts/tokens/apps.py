# SPDX-License-Identifier: MPL-2.0

"""The application ``tokens``; its label names the permission ``tokens.manage_tokens``."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tecken.accounts.tokens"
