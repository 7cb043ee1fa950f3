# SPDX-License-Identifier: MPL-2.0

"""Which addresses are public."""

from ipaddress import ip_address, ip_network

import pytest

from tecken.core.errors import RemoteUnavailableError
from tecken.core.fetching.addresses import is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "2606:4700:4700::1111",
        "::ffff:8.8.8.8",
        "2002:808:808::1",
        "192.0.1.0",
        "192.88.100.0",
        "2001:200::1",
        "3fff:1000::1",
        # Services that anybody may ask: of the registries, but reachable.
        "192.175.48.1",
        "2620:4f:8000::1",
    ],
)
def test_an_address_of_the_public_network_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing binds to it
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "100::1",
        "2001:0:1:2::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_any_other_address_is_not(address: str) -> None:
    assert not is_public(ip_address(address))


# The registries of special-purpose addresses as IANA had them in 2026, but for what is reachable
# and belongs to one machine: https://www.iana.org/assignments/iana-ipv4-special-registry and
# https://www.iana.org/assignments/iana-ipv6-special-registry. Multicast has registries of its own.
SPECIAL = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/29", "192.0.0.9/32", "192.0.0.170/31"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
    *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64"),
    *("2001::/23", "2001::/32", "2001:1::1/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48"),
    *("2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "3fff::/20", "5f00::/16"),
    *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
)


@pytest.mark.parametrize("block", SPECIAL)
def test_no_address_of_a_special_block_is_public(block: str) -> None:
    network = ip_network(block)
    first, last = network[0], network[-1]
    middle = network[network.num_addresses // 2]
    assert [str(address) for address in (first, middle, last) if is_public(address)] == []


@pytest.mark.parametrize("block", [block for block in SPECIAL if ":" not in block])
@pytest.mark.parametrize("prefix", ["::ffff:0:0", "2002::", "64:ff9b::", "64:ff9b:1::", "::"])
def test_nor_is_one_of_ipv6_that_stands_for_it(block: str, prefix: str) -> None:
    inner = int(ip_network(block)[-1])
    shift = 80 if prefix == "2002::" else 0
    assert not is_public(ip_address(int(ip_address(prefix)) + (inner << shift)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_an_address_in_any_notation_stands_for_itself(host: str) -> None:
    assert resolve(host) == (ip_address("127.0.0.1"),)


def test_a_host_that_nobody_knows_is_out_of_reach() -> None:
    with pytest.raises(
        RemoteUnavailableError, match=r"no-such-host\.invalid cannot be fetched"
    ) as no:
        resolve("no-such-host.invalid")
    assert "Errno" not in str(no.value)
