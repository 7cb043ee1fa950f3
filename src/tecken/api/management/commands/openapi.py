# SPDX-License-Identifier: MPL-2.0

"""``tecken manage openapi``: the OpenAPI document, without a server."""

import json

from django.core.management.base import BaseCommand

from tecken.api.document import document


class Command(BaseCommand):
    """Print what ``/api/schema.json`` answers."""

    help = "Print the OpenAPI document of the HTTP interface"
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False))
