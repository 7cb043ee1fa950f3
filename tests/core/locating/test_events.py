# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import SymbolStoredEvent

KEY = SymbolKey("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2", "xul.sym")
OTHER = SymbolKey("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C3", "xul.sym")


def test_every_subscriber_is_told_of_a_key_in_the_order_of_subscription() -> None:
    event, told = SymbolStoredEvent(), []
    event.subscribe(lambda keys: told.append(("first", keys)))
    event.subscribe(lambda keys: told.append(("second", keys)))
    event.publish(KEY, OTHER)
    assert told == [("first", (KEY, OTHER)), ("second", (KEY, OTHER))]


def test_who_subscribes_twice_is_told_once() -> None:
    event, told = SymbolStoredEvent(), []
    event.subscribe(told.extend)
    event.subscribe(told.extend)
    event.publish(KEY)
    assert told == [KEY]


def test_without_subscribers_nothing_happens() -> None:
    SymbolStoredEvent().publish(KEY)


def test_keys_are_published_some_at_a_time_and_the_last_at_the_end() -> None:
    event, told = SymbolStoredEvent(), []
    event.subscribe(told.append)
    keys = [SymbolKey("xul.pdb", f"{number:032X}0", "xul.sym") for number in range(50)]

    def store() -> None:
        with event.together() as stored:
            for key in keys:
                stored.add(key)
            assert [len(some) for some in told] == [20, 20]
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        store()
    assert [key for some in told for key in some] == keys
