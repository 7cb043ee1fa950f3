# SPDX-License-Identifier: MPL-2.0
"""Who a request comes from: its connection, or what a proxy in front says of it."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A proxy behind a proxy behind a proxy; a header that goes on was made up.
_MAX_PROXIES = 8
# A Unix socket has no address, and whoever opens one is on this machine.
_LOOPBACK = IPv4Address("127.0.0.1")
# Where the edge puts what tells whether a connection is still open.
CLIENT_IS_THERE = "tecken.client_is_there"
_IPV6_PREFIX = 64  # of one customer, who has all addresses below it (RFC 6177)


def client_address(request: HttpRequest) -> Address:
    """Return the address of whoever sent a request: see ``address_behind``."""
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return address_behind(peer, forwarded, settings.TRUSTED_PROXIES)


def client_network(request: HttpRequest) -> str:
    """Return what limits by client count: an address of IPv4, or the /64 of one of IPv6."""
    address = client_address(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def client_is_there(request: HttpRequest) -> bool:
    """Say whether somebody still waits for the answer, as far as the server knows.

    One who closes a half of the connection after the request, which few do, counts as gone: it looks the same.
    """
    is_there: Callable[[], bool] | None = request.META.get(CLIENT_IS_THERE)
    return is_there is None or is_there()


def address_behind(peer: str, forwarded: str, trusted: Sequence[Network]) -> Address:
    """Return the last address that is not that of a trusted proxy.

    ``peer`` is the address of the connection, perhaps with a port. ``forwarded`` is the header
    ``X-Forwarded-For``, to which each proxy adds whom it has the request from; what clients send
    stands before that. An entry that is no address ends the search: the proxy itself is the client.
    """
    address = parse_address(peer) or _LOOPBACK
    for text in reversed(forwarded.rsplit(",", _MAX_PROXIES)):
        if not any(address in network for network in trusted):
            break
        before = parse_address(text)
        if before is None:
            break
        address = before
    return address


def parse_address(text: str) -> Address | None:
    """Return the address in ``10.0.0.7``, ``10.0.0.7:80``, ``2001:db8::7`` or ``[2001:db8::7]:80``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
