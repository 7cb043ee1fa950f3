# SPDX-License-Identifier: MPL-2.0

"""What is set on the socket that listens holds for the connections."""

import socket

from tecken.edge.sockets import listen


def test_the_first_bytes_of_a_file_wait_for_no_acknowledgement() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listen(listener)
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
