# SPDX-License-Identifier: MPL-2.0

"""The application ``symbolication``."""

from django.apps import AppConfig

from tecken.web.gauges import read_each_second, read_for_scrapes


class SymbolicationConfig(AppConfig):
    name = "tecken.symbolication"

    def ready(self) -> None:
        from tecken.symbolication.gauges import measure_memory, node_samples

        read_each_second(measure_memory)
        read_for_scrapes("node", node_samples)
