# SPDX-License-Identifier: MPL-2.0

"""Network addresses: what a host name stands for, and which of them are the public network."""

import ipaddress
import socket
from collections.abc import Iterable

from tecken.core.errors import RemoteUnavailableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given to anybody
# What is_global takes for public, in one version of Python or another.
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments (RFC 6890)
            "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
            "2001::/23",  # protocol assignments (RFC 2928)
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)


def resolve(host: str) -> tuple[Address, ...]:
    """Return the addresses of a host as the system knows them. Raises RemoteUnavailableError.

    An address in any notation (``127.1``, ``0x7f000001``) stands for itself.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise RemoteUnavailableError(host, "the host is not known: it is no name") from error
    except OSError as error:
        reason = f"the host is not known ({error.strerror or error})"
        raise RemoteUnavailableError(host, reason) from error
    return parse_addresses(str(address[0]) for *_, address in found)


def parse_addresses(texts: Iterable[str]) -> tuple[Address, ...]:
    """Parse addresses, without repeats; the order stays."""
    return tuple(dict.fromkeys(ipaddress.ip_address(text) for text in texts))


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the public network, and to one machine there.

    Private, loopback, link-local, shared (RFC 6598), reserved, multicast and unspecified addresses
    do not, nor does one of IPv6 that stands for such a one of IPv4: mapped (RFC 4291) or 6to4
    (RFC 3056). Translated ones (RFC 6052) and Teredo's are reserved as a whole.

    Source: the IANA registries of special-purpose addresses of IPv4 and IPv6, whole blocks of which
    are refused; Python knows them as they were when it was released, and each version otherwise.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
