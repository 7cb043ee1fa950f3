# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import pytest
from tests.api.conftest import SignIn

from tecken.accounts.audit import Action, record
from tecken.accounts.models import User

URL = "/api/audit/"


def test_the_trail_is_for_superusers(auditor: User, sign_in: SignIn) -> None:
    assert sign_in(auditor).get(URL).json() == {"error": "Must be superuser to access this view."}


def test_the_newest_come_first_and_tell_who_did_what(root: User, uploader: User, sign_in) -> None:
    browser = sign_in(root)
    record(Action.MADE_INACTIVE, uploader, by=root, reason="left")
    record(Action.MADE_ACTIVE, uploader, by="command line")
    newest, older = browser.get(URL).json()["entries"][:2]
    assert (newest["action"], newest["actor_name"]) == ("made active", "command line")
    assert (older["actor_name"], older["subject_name"]) == (root.email, uploader.email)
    assert older["details"] == {"reason": "left"}


def test_it_goes_on_where_a_page_ended(
    root: User, uploader: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.api.routers.audit.BATCH_SIZE", 2)
    for number in range(5):
        record(Action.SIGNED_IN, uploader, by=uploader, number=number)
    browser = sign_in(root)
    found, before = [], ""
    while before is not None:
        answer = browser.get(
            f"{URL}?user=UPLOADER&before={before}" if before else f"{URL}?user=uploader"
        ).json()
        found += [entry["details"]["number"] for entry in answer["entries"]]
        before = answer["next_before"]
    assert found == [4, 3, 2, 1, 0]
    assert browser.get(f"{URL}?user=nobody").json()["entries"] == []
    assert list(browser.get(f"{URL}?before=x").json()["errors"]) == ["before"]
