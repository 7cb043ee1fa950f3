# SPDX-License-Identifier: MPL-2.0

import pytest
from celery import Celery
from kombu.transport.redis import Channel

from tecken.jobs.broker import broker_url


def asked(url: str) -> dict[str, object]:
    """What Celery makes of a broker's URL, before it connects."""
    channel = Channel.__new__(Channel)
    with Celery(broker=broker_url(url)).connection_for_write() as connection:
        channel.connection = type("Transport", (), {"client": connection, "default_port": 6379})()
        parameters: dict[str, object] = channel._connparams()
    return parameters


def test_a_plain_redis_is_asked_as_it_is() -> None:
    parameters = asked("redis://:secret@redis.example.com:6380/3")
    assert broker_url("redis://redis.example.com/3") == "redis://redis.example.com/3"
    assert (parameters["host"], parameters["port"], parameters["db"]) == (
        "redis.example.com",
        6380,
        3,
    )


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("rediss://redis.example.com/0", True),
        ("rediss://redis.example.com/0?ssl_cert_reqs=none", False),
    ],
)
def test_the_certificate_is_checked_unless_the_url_says_otherwise(url: str, checked: bool) -> None:
    assert bool(asked(url)["ssl_cert_reqs"]) is checked


def test_a_socket_in_the_file_system_keeps_its_path_and_its_database() -> None:
    parameters = asked("unix:///run/redis.sock?db=2")
    assert (parameters["path"], parameters["db"]) == ("/run/redis.sock", 2)


def test_no_redis_is_no_broker() -> None:
    assert broker_url("") == ""
