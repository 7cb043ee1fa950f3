# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
