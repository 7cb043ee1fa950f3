# SPDX-License-Identifier: MPL-2.0

"""The application ``upload``."""

from django.apps import AppConfig


class UploadConfig(AppConfig):
    name = "tecken.upload"

    def ready(self) -> None:
        """Have symbols derived of what other symbol servers have."""
        from tecken.upload.upstream_symbols import derive_later
        from tecken.web.upstreams import derive_with

        derive_with(derive_later)
