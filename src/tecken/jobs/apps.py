# SPDX-License-Identifier: MPL-2.0

"""The application ``jobs``; the others register their background tasks in a module ``tasks``."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from tecken.web.gauges import read_for_scrapes


class JobsConfig(AppConfig):
    name = "tecken.jobs"

    def ready(self) -> None:
        from tecken.jobs.gauges import task_samples
        from tecken.jobs.watching import needs_workers, tasks_warning, workers_warning
        from tecken.web.health import watch

        autodiscover_modules("tasks")
        read_for_scrapes("tasks", task_samples)
        if needs_workers():
            watch("workers", workers_warning)
        watch("tasks", tasks_warning)
