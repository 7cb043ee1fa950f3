# SPDX-License-Identifier: MPL-2.0

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


def test_it_is_a_list_of_pages(
    root: User, uploader: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(root)
    monkeypatch.setattr("tecken.web.paging.BATCH_SIZE", 2)
    for number in range(3):
        record(Action.TOKEN_MADE, uploader, by=uploader, number=number)
    first, second = (browser.get(f"{URL}?action=token made&page={page}").json() for page in (1, 2))
    assert [entry["details"]["number"] for entry in first["entries"]] == [2, 1]
    assert [entry["details"]["number"] for entry in second["entries"]] == [0]
    assert (first["has_next"], second["has_next"]) == (True, False)


def test_it_can_be_filtered(root: User, uploader: User, auditor: User, sign_in: SignIn) -> None:
    browser = sign_in(root)
    record(Action.MADE_INACTIVE, uploader, by=root)
    record(Action.TOKEN_MADE, auditor, by=auditor)

    def told(query: str) -> list[str]:
        return [entry["action"] for entry in browser.get(f"{URL}?{query}").json()["entries"]]

    assert "made inactive" in told(f"user={uploader.email.upper()}")
    assert "token made" not in told(f"user={uploader.email}")
    assert "made inactive" in told(f"user={root.email}")
    assert told(f"user=! {root.email}, ! {uploader.email}") == ["token made"]
    assert told(f"user={root.email}, ! {uploader.email}") == []
    assert told("action=inactive, !token") == ["made inactive"]
    assert "token made" in told("created_at=today")
    assert told("created_at=yesterday") == []
    assert list(browser.get(f"{URL}?created_at=x").json()["errors"]) == ["created_at"]
