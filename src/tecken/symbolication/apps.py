# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The application ``symbolication``."""

from django.apps import AppConfig

from tecken.web.readings import read_each_second, read_for_scrapes


class SymbolicationConfig(AppConfig):
    name = "tecken.symbolication"

    def ready(self) -> None:
        from tecken.symbolication.readings import measure_memory, node_samples

        read_each_second(measure_memory)
        read_for_scrapes("node", node_samples)
