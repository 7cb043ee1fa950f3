# SPDX-License-Identifier: MPL-2.0

"""The process: reads what it is told on standard input, and answers until that is closed."""

import json
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from tecken.local_provider.configuration import configuration


@dataclass(frozen=True, slots=True)
class Told:
    """What the server says: a socket that listens, a file for accounts, and what it shares."""

    listener: int
    database: str
    client_id: str
    secret: str


def main() -> None:
    """Answer requests."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    told = Told(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_the_server, daemon=True).start()

    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(**configuration(Path(told.database), told.secret))
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)

    from tecken.local_provider.client import register

    register(told.client_id, told.secret)
    _answer(socket.socket(fileno=told.listener))


def _end_with_the_server() -> None:
    sys.stdin.read()
    os._exit(0)


def _answer(listener: socket.socket) -> None:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    address = listener.getsockname()
    server = ThreadedWSGIServer(address, WSGIRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = address
    server.setup_environ()
    server.set_app(get_wsgi_application())
    server.serve_forever()


if __name__ == "__main__":
    main()
