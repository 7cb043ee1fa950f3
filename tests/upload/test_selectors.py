# SPDX-License-Identifier: MPL-2.0

"""What is known of modules and archives from uploads."""

import pytest
from django.db import connection
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, Post, zipped

from tecken.upload.models import FileUpload, Upload
from tecken.upload.selectors import (
    UploadedModule,
    _of_code_id,
    modules_of_code_id,
    modules_of_debug_id,
    related_uploads,
)

pytestmark = pytest.mark.django_db

CODE_ID = "5CF2591C6859000"
XUL = UploadedModule("xul.pdb", DEBUG_ID, "xul.dll", CODE_ID, "mozilla/dump_syms 2.3.4")


@pytest.mark.parametrize("code_id", [CODE_ID, CODE_ID.lower()])
def test_a_module_is_found_by_its_code_id(post: Post, uploader: str, code_id: str) -> None:
    post({NAME: TEXT}, uploader)
    assert modules_of_code_id("xul.dll", code_id, with_try=False) == (XUL,)
    assert modules_of_code_id("other.dll", code_id, with_try=False) == ()


@pytest.mark.parametrize("debug_id", [DEBUG_ID, DEBUG_ID.lower()])
def test_a_module_is_found_by_its_debug_id(post: Post, uploader: str, debug_id: str) -> None:
    post({NAME: TEXT, BINARY_NAME: b"binary"}, uploader)
    assert modules_of_debug_id("xul.pdb", debug_id, with_try=False) == (XUL,)
    assert modules_of_debug_id("xul.dll", debug_id, with_try=False) == ()


def test_the_newest_comes_first_and_each_once(post: Post, uploader: str) -> None:
    other = "F" * 33
    texts = [TEXT, TEXT.replace(DEBUG_ID.encode(), other.encode())]
    post({NAME: texts[0]}, uploader)
    post({NAME.replace(DEBUG_ID, other): texts[1]}, uploader)
    found = modules_of_code_id("xul.dll", CODE_ID, with_try=False)
    assert [module.debug_id for module in found] == [other, DEBUG_ID]
    post({NAME: texts[0] + b"PUBLIC 2000 0 more\n"}, uploader)
    found = modules_of_code_id("xul.dll", CODE_ID, with_try=False)
    assert [module.debug_id for module in found] == [DEBUG_ID, other]


def test_try_symbols_come_last_and_only_where_they_are_wanted(post: Post, uploader: str) -> None:
    other = "F" * 33
    post({NAME: TEXT}, uploader)
    post(
        {NAME.replace(DEBUG_ID, other): TEXT.replace(DEBUG_ID.encode(), other.encode())},
        uploader,
        **{"try": "1"},
    )
    found = {
        with_try: [m.debug_id for m in modules_of_code_id("xul.dll", CODE_ID, with_try=with_try)]
        for with_try in (False, True)
    }
    assert found == {False: [DEBUG_ID], True: [DEBUG_ID, other]}


def test_a_code_file_may_have_spaces(post: Post, uploader: str) -> None:
    post({NAME: TEXT.replace(b"xul.dll", b"Plugin Container")}, uploader)
    [module] = modules_of_code_id("Plugin Container", CODE_ID, with_try=False)
    assert module.code_file == "Plugin Container"


def test_a_code_file_that_is_not_told_is_called_as_the_debug_file(
    post: Post, uploader: str
) -> None:
    post({NAME: TEXT.replace(b" xul.dll", b"")}, uploader)
    [module] = modules_of_code_id("xul.pdb", CODE_ID, with_try=False)
    assert (module.debug_id, module.code_file) == (DEBUG_ID, "")
    assert modules_of_code_id("xul.dll", CODE_ID, with_try=False) == ()


def test_what_was_not_stored_is_not_known(post: Post, uploader: str) -> None:
    post({NAME: TEXT}, uploader)
    FileUpload.objects.update(completed_at=None)
    assert modules_of_code_id("xul.dll", CODE_ID, with_try=False) == ()
    assert modules_of_debug_id("xul.pdb", DEBUG_ID, with_try=False) == ()


def test_uploads_of_one_archive_are_related(post: Post, uploader: str) -> None:
    archive = zipped({NAME: TEXT})  # once: it has the time in it
    ids = [post(archive, uploader).json()["upload"]["id"] for _ in range(3)]
    post({NAME: TEXT + b"PUBLIC 2000 0 more\n"}, uploader)
    upload = Upload.objects.get(pk=ids[1])
    assert [related.pk for related in related_uploads(upload)] == [ids[2], ids[0]]


def test_the_database_looks_all_of_this_up_in_indexes() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # it prefers that for empty tables
    queries = {
        "fileupload_code": _of_code_id("a", "b"),
        "fileupload_debug": FileUpload.objects.filter(debug_file="a", debug_id="b"),
        "upload_content_hash": Upload.objects.filter(content_hash="a"),
    }
    for index, query in queries.items():
        assert index in query.explain()
