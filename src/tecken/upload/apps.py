# SPDX-License-Identifier: MPL-2.0

"""The application ``upload``."""

from django.apps import AppConfig


class UploadConfig(AppConfig):
    name = "tecken.upload"

    def ready(self) -> None:
        """Have symbols derived of what is there, and of what other symbol servers have."""
        from tecken.core.locating.locator import Fallback
        from tecken.upload.deriving.first_misses import derive_at_miss
        from tecken.upload.deriving.upstream_symbols import derive_later
        from tecken.upload.lone_symbols import key_by_id_alone
        from tecken.web.locator import fall_back_on
        from tecken.web.upstreams import derive_with

        fall_back_on(Fallback(key_by_id_alone, derive_at_miss))
        derive_with(derive_later)
