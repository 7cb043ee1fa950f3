# SPDX-License-Identifier: MPL-2.0

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.api.conftest import SignIn
from tests.upload.examples import DEBUG_ID, NAME, TEXT, Post, make_token

from tecken.accounts.models import User
from tecken.upload.models import FileUpload, Upload

URL = "/api/uploads/"
MakeUpload = Callable[..., Upload]


@pytest.fixture
def make_upload(post: Post) -> MakeUpload:
    """Return a function that uploads an archive by HTTP and returns its row."""

    def make_upload(owner: User, *names: str, **form: str) -> Upload:
        members = dict.fromkeys(names, b"") or {NAME: TEXT}
        key = make_token("upload_symbols", email=owner.email)
        made = post(members, key, **form)
        assert made.status_code == 201, made.content
        return Upload.objects.get(pk=made.json()["upload"]["id"])

    return make_upload


def ids(client: Client, query: str = "") -> list[int]:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["uploads"]]


def test_one_sees_one_s_own_uploads(
    make_upload: MakeUpload, uploader: User, root: User, sign_in: SignIn
) -> None:
    own = make_upload(uploader)
    make_upload(root)
    answer = sign_in(uploader).get(URL).json()
    assert (answer["can_view_all"], answer["has_next"], answer["page"]) == (False, False, 1)
    [row] = answer["uploads"]
    assert row["id"] == own.pk
    assert row["user"] == uploader.email
    assert (row["files_count"], row["files_incomplete_count"]) == (1, 0)
    assert (row["skipped_count"], row["ignored_count"]) == (0, 0)
    assert row["bucket_region"] is row["download_url"] is None
    assert row["created_at"].endswith("Z")
    assert row["completed_at"].endswith("Z")


def test_who_may_view_all_sees_all(
    make_upload: MakeUpload, uploader: User, auditor: User, sign_in: SignIn, client: Client
) -> None:
    first, second = make_upload(uploader), make_upload(uploader)
    assert ids(sign_in(auditor)) == [second.pk, first.pk]
    assert sign_in(auditor).get(URL).json()["can_view_all"] is True
    key = make_token("view_all_uploads", email=auditor.email)
    answer = client.get(URL, headers={"Auth-Token": key}).json()
    assert [row["id"] for row in answer["uploads"]] == [second.pk, first.pk]


def test_the_counts_of_a_page_cost_no_query_per_row(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn
) -> None:
    browser = sign_in(uploader)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ids(browser)
        return len(captured)

    make_upload(uploader)
    one = queries()
    for _ in range(3):
        make_upload(uploader)
    assert queries() == one


def test_interrupted_files_are_counted(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn
) -> None:
    upload = make_upload(uploader, "a.so/1/a.bin", "b.so/2/b.bin", "c.so/3/c.bin")
    FileUpload.objects.filter(key__contains="a.so").update(completed_at=None)
    Upload.objects.update(completed_at=None)
    browser = sign_in(uploader)
    [row] = browser.get(f"{URL}?completed_at=incomplete").json()["uploads"]
    assert (row["files_count"], row["files_incomplete_count"]) == (3, 1)
    assert ids(browser, "?completed_at=today") == []
    files = browser.get(f"{URL}upload/{upload.pk}/files/?completed_at=null").json()["files"]
    assert [file["key"] for file in files] == ["v1/a.so/1/a.bin"]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("user=UPLOAD", True),
        ("user=!upload", False),
        ("user=!+root", True),
        ("user==uploader@example.com", True),
        ("size=>1mb", False),
        ("size=>0,<1mb", True),
        ("created_at=today", True),
        ("created_at=<today", False),
        ("filename=symbols", True),
        ("bucket_name=symbols", True),
        ("try_symbols=true", False),
        ("try_symbols=no", True),
        ("download_url=http", False),
    ],
)
def test_filters(
    make_upload: MakeUpload,
    uploader: User,
    auditor: User,
    sign_in: SignIn,
    query: str,
    fits: bool,
) -> None:
    upload = make_upload(uploader)
    assert ids(sign_in(auditor), f"?{query}") == ([upload.pk] if fits else [])


@pytest.mark.parametrize(
    "field", ["size", "created_at", "completed_at", "try_symbols", "page", "sort"]
)
def test_what_makes_no_sense_is_told_by_field(uploader: User, sign_in: SignIn, field: str) -> None:
    response = sign_in(uploader).get(f"{URL}?{field}=x")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


def test_uploads_are_sorted(make_upload: MakeUpload, uploader: User, sign_in: SignIn) -> None:
    small, large = make_upload(uploader), make_upload(uploader)
    Upload.objects.filter(pk=large.pk).update(size=small.size + 1)
    browser = sign_in(uploader)
    assert ids(browser, "?sort=size") == [small.pk, large.pk]
    assert ids(browser, "?sort=size&reverse=true") == [large.pk, small.pk]
    assert ids(browser, "?sort=created_at") == [small.pk, large.pk]


def test_pages_far_from_the_beginning_are_refused_where_there_are_so_many(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.web.paging.BATCH_SIZE", 1)
    monkeypatch.setattr("tecken.web.paging.MAX_START", 1)
    uploads = [make_upload(uploader).pk for _ in range(2)]
    browser = sign_in(uploader)
    assert ids(browser, "?page=2") == uploads[:1]
    assert list(browser.get(f"{URL}?page=3").json()["errors"]) == ["page"]
    assert ids(browser, "?size=<1000000,>1&page=3&created_at=<today") == []


def test_an_upload_is_told_with_its_files_and_the_same_archives(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn
) -> None:
    first, again = make_upload(uploader), make_upload(uploader)
    detail = sign_in(uploader).get(f"{URL}upload/{again.pk}").json()["upload"]
    assert detail["skipped_keys"] == [f"v1/{NAME}"]
    assert (detail["files"], detail["files_count"], detail["skipped_count"]) == ([], 0, 1)
    assert [other["id"] for other in detail["related"]] == [first.pk]
    detail = sign_in(uploader).get(f"{URL}upload/{first.pk}/").json()["upload"]
    [file] = detail["files"]
    assert file["key"] == f"v1/{NAME}"
    assert (file["debug_id"], file["code_file"]) == (DEBUG_ID, "xul.dll")
    assert file["original_size"] == len(TEXT)


def test_an_upload_of_another_is_forbidden(
    make_upload: MakeUpload,
    uploader: User,
    root: User,
    stranger: User,
    auditor: User,
    sign_in: SignIn,
    client: Client,
) -> None:
    upload, file = make_upload(root), FileUpload.objects.get()
    for url in (
        f"{URL}upload/{upload.pk}",
        f"{URL}upload/{upload.pk}/files",
        f"{URL}files/file/{file.pk}",
        f"{URL}files/file/{file.pk}/sources",
    ):
        assert sign_in(uploader).get(url).json() == {"error": "Forbidden"}
        assert sign_in(stranger).get(url).status_code == 403
        assert client.get(url).status_code == 403
        assert sign_in(root).get(url).status_code == 200
        assert sign_in(auditor).get(url).status_code == 200
        missing = url.replace(f"/{upload.pk}", "/999").replace(f"/{file.pk}", "/999")
        assert sign_in(auditor).get(missing).status_code == 404


def test_related_uploads_of_others_are_not_told(
    make_upload: MakeUpload, uploader: User, root: User, sign_in: SignIn
) -> None:
    theirs, own = make_upload(root), make_upload(uploader)
    assert sign_in(uploader).get(f"{URL}upload/{own.pk}").json()["upload"]["related"] == []
    related = sign_in(root).get(f"{URL}upload/{theirs.pk}").json()["upload"]["related"]
    assert [other["id"] for other in related] == [own.pk]


def test_the_buckets_to_upload_to_are_told(
    bucket: object, uploader: User, stranger: User, sign_in: SignIn
) -> None:
    url = f"{URL}_possible_upload_urls/"
    [found] = sign_in(uploader).get(url).json()["urls"]
    assert (found["bucket_name"], found["private"], found["default"]) == ("symbols", True, True)
    assert sign_in(stranger).get(url).json() == {"urls": []}


def test_files_are_listed_for_who_may_view_all(
    make_upload: MakeUpload, uploader: User, auditor: User, sign_in: SignIn
) -> None:
    upload = make_upload(uploader)
    FileUpload.objects.create(
        bucket_name="other",
        key="v1/ntdll.pdb/1/ntdll.sym",
        update=False,
        compressed=True,
        original_size=5,
        debug_file="ntdll.pdb",
        debug_id="1",
        completed_at=timezone.now(),
    )
    assert sign_in(uploader).get(f"{URL}files/").json() == {"error": "Forbidden"}
    browser = sign_in(auditor)

    def keys(query: str = "") -> list[str]:
        rows = browser.get(f"{URL}files/{query}").json()["files"]
        return [row["key"] for row in rows]

    both = ["v1/ntdll.pdb/1/ntdll.sym", f"v1/{NAME}"]
    assert keys() == both
    assert keys("?sort=created_at") == both[::-1]
    assert keys("?download=microsoft") == both[:1]
    assert keys("?key=XUL") == keys("?bucket_name=symbols") == keys("?size=>0") == both[1:]
    assert keys("?created_at=yesterday") == []
    assert list(browser.get(f"{URL}files/?download=x").json()["errors"]) == ["download"]
    with_upload = browser.get(f"{URL}files/?key=xul").json()["files"][0]["upload"]
    assert (with_upload["id"], with_upload["user"]) == (upload.pk, uploader.email)


def test_a_file_is_told_with_its_key_and_where_it_is(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn
) -> None:
    make_upload(uploader)
    browser, file = sign_in(uploader), FileUpload.objects.get()
    url = f"{URL}files/file/{file.pk}"
    detail = browser.get(url).json()["file"]
    assert (detail["symbol_key"], detail["url_path"]) == (NAME, f"/{NAME}")
    assert browser.get(detail["url_path"]).status_code == 302
    regular, of_try = browser.get(f"{url}/sources").json()["sources"]
    assert (regular["found"], regular["size"], regular["error"]) == (True, file.size, None)
    assert (of_try["found"], of_try["try_symbols"]) == (False, True)


def test_a_source_that_cannot_be_asked_says_so(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn, bucket
) -> None:
    make_upload(uploader)
    bucket.rename(bucket.with_name("gone"))
    file = FileUpload.objects.get()
    answer = sign_in(uploader).get(f"{URL}files/file/{file.pk}/sources").json()
    assert [state["found"] for state in answer["sources"]] == [None, None]
    assert all(state["error"] for state in answer["sources"])


def test_a_try_file_is_found_below_try(
    make_upload: MakeUpload, uploader: User, sign_in: SignIn
) -> None:
    make_upload(uploader, **{"try": "1"})
    detail = sign_in(uploader).get(f"{URL}files/file/{FileUpload.objects.get().pk}").json()["file"]
    assert detail["url_path"] == f"/try/{NAME}"
    urls = {url["dialect"]: url["path"] for url in detail["urls"]}
    assert urls["breakpad"] == f"/try/{NAME}"
    assert urls["unified"].startswith("/try/unified/44/")
    for path in urls.values():
        assert sign_in(uploader).head(path).status_code == 200
    assert sign_in(uploader).get(detail["url_path"]).status_code == 302
