# SPDX-License-Identifier: MPL-2.0
from ipaddress import ip_address, ip_network

import pytest
from django.test import RequestFactory

from tecken.env import Environment
from tecken.web.clients import address_behind, client_network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))
PROXIES = (*LOOPBACK, ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # Nobody in between.
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7:4711", "", "203.0.113.7"),
        ("[2001:db8::7]:4711", "", "2001:db8::7"),
        ("2001:db8::7", "", "2001:db8::7"),
        ("fe80::7%eth0", "", "fe80::7"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        # Whoever is no proxy of ours says what he likes.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("203.0.113.7", "127.0.0.1", "203.0.113.7"),
        # A proxy on this machine; what the client sent stands before that.
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1,203.0.113.7:4711", "203.0.113.7"),
        ("127.0.0.1:80", "2001:db8::7", "2001:db8::7"),
        ("::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        # A Unix socket.
        ("", "203.0.113.7", "203.0.113.7"),
        # Two of them, one behind the other.
        ("127.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.7", "203.0.113.7"),
        ("fd00::1", "203.0.113.7, 10.0.0.7, 10.0.0.8", "203.0.113.7"),
        # What is no address.
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, ", "127.0.0.1"),
        ("127.0.0.1", "\0, ::::, 1.2.3, [", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, 10.0.0.7, _hidden", "127.0.0.1"),
        ("nonsense", "", "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(
    peer: str, forwarded: str, client: str
) -> None:
    assert address_behind(peer, forwarded, PROXIES) == ip_address(client)


def test_without_trusted_proxies_the_connection_counts() -> None:
    assert address_behind("127.0.0.1", "203.0.113.7", ()) == ip_address("127.0.0.1")


def test_a_header_of_proxies_without_end_is_not_read_to_its_end() -> None:
    forwarded = "203.0.113.7," + "10.0.0.7," * 10_000 + "10.0.0.8"
    assert address_behind("127.0.0.1", forwarded, PROXIES) == ip_address("10.0.0.7")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:0:1::7", "2001:db8:0:1:ffff::1", True),
        ("2001:db8:0:1::7", "2001:db8:0:2::7", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
    ],
)
def test_clients_of_ipv6_are_counted_by_network(one: str, other: str, same: bool) -> None:
    asked = [RequestFactory(REMOTE_ADDR=address).get("/") for address in (one, other)]
    assert (client_network(asked[0]) == client_network(asked[1])) is same


def test_the_setting_has_addresses_and_networks() -> None:
    env = Environment({"PROXIES": "10.0.0.7, 10.1.2.3/16, fd00::/8,"})
    found = env.networks("PROXIES", default=())
    assert [str(network) for network in found] == ["10.0.0.7/32", "10.1.0.0/16", "fd00::/8"]
    assert not env.problems


def test_what_is_no_network_is_refused() -> None:
    env = Environment({"PROXIES": "10.0.0.7, proxy.example.com"})
    env.networks("PROXIES", default=())
    [problem] = env.problems
    assert str(problem) == "PROXIES has 'proxy.example.com', which is no address or network"
