# SPDX-License-Identifier: MPL-2.0

"""Which bucket an upload goes to, and which ones it may be sent to."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.upload.examples import NAME, TEXT, Post, make_token, objects

from tecken.upload.buckets import choose_destination, possible_buckets
from tecken.upload.models import Upload

pytestmark = pytest.mark.django_db

REGULAR = frozenset({"upload.upload_symbols"})
TRY = frozenset({"upload.upload_try_symbols"})


@pytest.fixture
def buckets(bucket: Path, tmp_path: Path, settings: Settings) -> Path:
    """The folder of the default bucket 'symbols' and of 'private', 'exact' and 'other'."""
    for name in ("private", "exact", "other"):
        (tmp_path / name).mkdir()
    url = tmp_path.as_uri()
    settings.UPLOAD_URL_EXCEPTIONS = {
        "*@Example.com": f"{url}/private",
        "Anna@example.com": f"{url}/exact",
        "b*": f"{url}/other",
    }
    return tmp_path


@pytest.mark.parametrize(
    ("email", "names"),
    [
        ("somebody@elsewhere.net", ["symbols"]),
        ("carl@example.com", ["private", "symbols"]),
        ("CARL@EXAMPLE.COM", ["private", "symbols"]),
        ("carl@example.com.elsewhere.net", ["symbols"]),
        ("anna@example.com", ["exact", "private", "symbols"]),
        ("ANNA@example.com", ["exact", "private", "symbols"]),
        ("bert@example.com", ["private", "other", "symbols"]),
        ("bert@elsewhere.net", ["other", "symbols"]),
    ],
)
def test_an_email_has_its_buckets_the_first_by_itself(
    buckets: Path, email: str, names: list[str]
) -> None:
    possible = possible_buckets(email, REGULAR)
    assert [bucket.bucket_name for bucket in possible] == names
    assert [bucket.default for bucket in possible] == [True] + [False] * (len(names) - 1)
    chosen = choose_destination(email, REGULAR, wants_try=False)
    assert chosen.source.bucket.name == names[0]


def test_an_email_has_a_bucket_once(settings: Settings, bucket: Path) -> None:
    settings.UPLOAD_URL_EXCEPTIONS = {"a*": settings.UPLOAD_DEFAULT_URL}
    assert len(possible_buckets("anna@example.com", REGULAR)) == 1


def test_a_bucket_that_anyone_may_read_is_not_private(settings: Settings) -> None:
    settings.UPLOAD_DEFAULT_URL = "https://s3.example.com/open?access=public"
    settings.UPLOAD_URL_EXCEPTIONS = {"a*": "https://s3.example.com/closed"}
    possible = possible_buckets("anna@example.com", REGULAR)
    assert [(each.bucket_name, each.private) for each in possible] == [
        ("closed", True),
        ("open", False),
    ]


def test_who_may_upload_try_symbols_only_has_their_place_only(buckets: Path) -> None:
    [only] = possible_buckets("anna@example.com", TRY)
    assert only.url.endswith("/symbols?prefix=try")
    assert possible_buckets("anna@example.com", frozenset()) == ()


def test_an_upload_goes_to_the_bucket_of_its_uploader(post: Post, buckets: Path) -> None:
    token = make_token("upload_symbols", email="anna@example.com")
    assert post({NAME: TEXT}, token).json()["upload"]["bucket"] == "exact"
    assert list(objects(buckets / "exact")) == [f"v1/{NAME}"]
    assert objects(buckets / "symbols") == {}
    assert Upload.objects.get().bucket_name == "exact"


@pytest.mark.parametrize("name", ["exact", "private", "symbols"])
def test_a_bucket_may_be_named(post: Post, buckets: Path, name: str) -> None:
    token = make_token("upload_symbols", email="anna@example.com")
    assert post({NAME: TEXT}, token, bucket_name=name).json()["upload"]["bucket"] == name
    assert list(objects(buckets / name)) == [f"v1/{NAME}"]


@pytest.mark.parametrize("name", ["other", "symbol", "SYMBOLS", "nowhere", "../symbols"])
def test_another_bucket_may_not_be_named(post: Post, buckets: Path, name: str) -> None:
    token = make_token("upload_symbols", email="anna@example.com")
    response = post({NAME: TEXT}, token, bucket_name=name)
    assert response.status_code == 403
    assert response.json() == {"error": "No valid bucket"}
    assert not Upload.objects.exists()


@pytest.mark.parametrize("permission", ["upload_symbols", "upload_try_symbols"])
def test_emails_say_nothing_of_try_symbols(post: Post, buckets: Path, permission: str) -> None:
    token = make_token(permission, email="anna@example.com")
    upload = post({NAME: TEXT}, token, **{"try": "1"}).json()["upload"]
    assert (upload["bucket"], upload["try_symbols"]) == ("symbols", True)
    assert list(objects(buckets / "symbols")) == [f"try/v1/{NAME}"]


@pytest.mark.parametrize("form", [{}, {"try": "1"}])
def test_a_try_token_cannot_name_its_way_out(
    post: Post, buckets: Path, form: dict[str, str]
) -> None:
    token = make_token("upload_try_symbols", email="anna@example.com")
    assert post({NAME: TEXT}, token, bucket_name="exact", **form).status_code == 403
    assert post({NAME: TEXT}, token, bucket_name="symbols", **form).status_code == 201
    assert list(objects(buckets / "symbols")) == [f"try/v1/{NAME}"]
