# SPDX-License-Identifier: MPL-2.0

"""The HTTP server: clients on one side, a WSGI application on the other.

The event loop of a worker process receives heads and bodies and sends answers, so that a client that
stalls holds no thread; threads run the application once there is something to compute. See
``docs/adr/0010-an-edge-of-our-own.md``.
"""
