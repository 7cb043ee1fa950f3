# SPDX-License-Identifier: MPL-2.0

"""The application ``web``: what the others share, prepared when the server starts."""

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from tecken.core.locating.events import symbol_stored
from tecken.env import raise_problems
from tecken.web.data_dir import KEY_FILE, keep_others_out
from tecken.web.databases import keep_sqlite_private, log_queries
from tecken.web.generations import raise_generations
from tecken.web.metric_sinks import start_metrics
from tecken.web.sentry import start_sentry
from tecken.web.sources import prepare_sources


class WebConfig(AppConfig):
    name = "tecken.web"

    def ready(self) -> None:
        """Refuse to start with variables that cannot be used. Raises SettingError."""
        raise_problems(settings.SETTING_PROBLEMS)
        keep_others_out(settings.DATA_DIR)
        keep_others_out(settings.DATA_DIR / KEY_FILE)
        connection_created.connect(keep_sqlite_private)
        if settings.LOG_SQL:
            connection_created.connect(log_queries)
        start_sentry(settings.SENTRY_DSN, settings.SENTRY_ENVIRONMENT)
        start_metrics(
            settings.STATSD_HOST,
            settings.STATSD_PORT,
            settings.STATSD_NAMESPACE,
            settings.NOTED_METRICS,
        )
        prepare_sources()
        symbol_stored.subscribe(raise_generations)
