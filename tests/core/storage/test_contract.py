# SPDX-License-Identifier: MPL-2.0

"""The contract of buckets: every test runs on every back end."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tecken.core.errors import InvalidNameError, ObjectChangedError, ObjectNotFoundError
from tecken.core.storage.base import Bucket, Content, ObjectInfo

KEY = "v1/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
TEXT = Content(
    content_type="text/plain",
    content_encoding="gzip",
    metadata={"original_size": "12", "original_md5_hash": "d41d8cd98f00b204e9800998ecf8427e"},
)
PLAIN = Content()


def read(bucket: Bucket, key: str) -> bytes:
    with bucket.open(key) as reader:
        chunks = iter(lambda: reader.read(7), b"")
        return b"".join(chunks)


def assert_same(written: ObjectInfo, read: ObjectInfo) -> None:
    """Compare what was said of an object when it was written and when it was asked for."""
    assert abs(read.last_modified - written.last_modified) <= timedelta(seconds=2)
    assert replace(read, last_modified=written.last_modified) == written


def write_and_fail(bucket: Bucket, key: str) -> None:
    with bucket.create(key, TEXT) as writer:
        writer.write(b"new")
        raise ZeroDivisionError


def test_what_was_put_is_read_back(bucket: Bucket) -> None:
    bucket.put(KEY, b"bytes of an object", PLAIN)
    assert read(bucket, KEY) == b"bytes of an object"


def test_an_empty_object_is_an_object(bucket: Bucket) -> None:
    bucket.put(KEY, b"", PLAIN)
    assert read(bucket, KEY) == b""
    assert bucket.head(KEY).size == 0


def test_an_object_is_written_in_chunks(bucket: Bucket) -> None:
    with bucket.create(KEY, TEXT) as writer:
        for _ in range(1000):
            writer.write(b"x" * 999)
        writer.write(memoryview(b"end"))
    assert_same(writer.info, bucket.head(KEY))
    assert read(bucket, KEY) == b"x" * 999_000 + b"end"


def test_head_tells_what_an_object_is(bucket: Bucket) -> None:
    put = bucket.put(KEY, b"abc", TEXT)
    info = bucket.head(KEY)
    assert_same(info, put)
    assert (info.key, info.size, info.content) == (KEY, 3, TEXT)
    assert abs(info.last_modified - datetime.now(UTC)) < timedelta(minutes=5)
    assert info.etag
    assert '"' not in info.etag


def test_a_reader_tells_which_version_it_reads(bucket: Bucket) -> None:
    bucket.put(KEY, b"abc", TEXT)
    with bucket.open(KEY) as whole, bucket.open_range(KEY, 0, 1) as part:
        assert whole.info == part.info == bucket.head(KEY)


def test_an_object_that_is_not_there_is_not_found(bucket: Bucket) -> None:
    bucket.put(KEY, b"abc", PLAIN)
    for key in ["v1/xul.pdb", f"{KEY}/more", "v1/other", f"{KEY}x", "a" * 300]:
        with pytest.raises(ObjectNotFoundError) as caught:
            bucket.head(key)
        assert caught.value.key == key
        with pytest.raises(ObjectNotFoundError), bucket.open(key):
            pass
        with pytest.raises(ObjectNotFoundError), bucket.open_range(key, 0, 1):
            pass
        with pytest.raises(ObjectNotFoundError):
            bucket.read_ranges(key, [(0, 1)])


@pytest.mark.parametrize(
    "key",
    ["", "/", "/etc/passwd", "../x", "a/../b", "a/./b", "a//b", "a/", ".", "a\0b", "a\udcff",
     ".meta/objects/x"],
)  # fmt: skip
def test_a_key_that_could_leave_the_bucket_is_refused(bucket: Bucket, key: str) -> None:
    with pytest.raises(InvalidNameError):
        bucket.head(key)
    with pytest.raises(InvalidNameError):
        bucket.put(key, b"", PLAIN)
    with pytest.raises(InvalidNameError):
        bucket.delete(key)
    with pytest.raises(InvalidNameError), bucket.open(key):
        pass


@pytest.mark.parametrize(
    "name", ["with space.sym", "a+b~c@d$e", "Ωmega", "日本語.sym", "100% [x]", ".meta", "..."]
)
def test_odd_names_round_trip(bucket: Bucket, name: str) -> None:
    key = f"v1/{name}/ABC/{name}"
    bucket.put(key, name.encode(), TEXT)
    assert read(bucket, key) == name.encode()
    assert [info.key for info in bucket.list()] == [key]


def test_a_range_excludes_its_end(bucket: Bucket) -> None:
    bucket.put(KEY, b"0123456789", PLAIN)
    with bucket.open_range(KEY, 2, 5) as reader:
        assert reader.read(2) == b"23"
        assert reader.read() == b"4"
        assert reader.read() == b""


def test_a_range_is_cut_at_the_end_of_the_object(bucket: Bucket) -> None:
    bucket.put(KEY, b"0123456789", PLAIN)
    for start, end, expected in [
        (8, 100, b"89"),
        (0, 10, b"0123456789"),
        (10, 20, b""),
        (4, 4, b""),
    ]:
        with bucket.open_range(KEY, start, end) as reader:
            assert reader.read() == expected


def test_several_ranges_come_in_the_order_asked(bucket: Bucket) -> None:
    bucket.put(KEY, b"0123456789", PLAIN)
    assert bucket.read_ranges(KEY, [(5, 7), (0, 2), (8, 20), (1, 6)]) == [
        b"56", b"01", b"89", b"12345"
    ]  # fmt: skip
    assert bucket.read_ranges(KEY, []) == []


def test_another_version_than_the_one_asked_for_is_never_read(bucket: Bucket) -> None:
    first = bucket.put(KEY, b"first", PLAIN)
    second = bucket.put(KEY, b"other", PLAIN)
    assert first.etag != second.etag
    with pytest.raises(ObjectChangedError), bucket.open(KEY, if_match=first.etag):
        pass
    with pytest.raises(ObjectChangedError), bucket.open_range(KEY, 0, 2, if_match=first.etag):
        pass
    with pytest.raises(ObjectChangedError):
        bucket.read_ranges(KEY, [(0, 2)], if_match=first.etag)


def test_the_version_asked_for_is_read(bucket: Bucket) -> None:
    etag = bucket.put(KEY, b"other", PLAIN).etag
    with bucket.open(KEY, if_match=etag) as whole:
        assert whole.read() == b"other"
    with bucket.open_range(KEY, 1, 3, if_match=etag) as part:
        assert part.read() == b"th"
    assert bucket.read_ranges(KEY, [(0, 1)], if_match=etag) == [b"o"]


def test_an_etag_stays_while_the_object_stays(bucket: Bucket) -> None:
    etag = bucket.put(KEY, b"abc", PLAIN).etag
    bucket.put("v1/other", b"abc", PLAIN)
    assert bucket.head(KEY).etag == etag


def test_versions_of_equal_size_have_different_etags(bucket: Bucket) -> None:
    etags = {bucket.put(KEY, b"%03d" % n, PLAIN).etag for n in range(20)}
    assert len(etags) == 20


def test_replacing_replaces_the_metadata_too(bucket: Bucket) -> None:
    bucket.put(KEY, b"abc", TEXT)
    bucket.put(KEY, b"abc", PLAIN)
    assert bucket.head(KEY).content == PLAIN


def test_nothing_is_seen_of_an_object_before_it_is_whole(bucket: Bucket) -> None:
    with bucket.create(KEY, TEXT) as writer:
        writer.write(b"x" * 1_000_000)
        with pytest.raises(ObjectNotFoundError):
            bucket.head(KEY)
        assert list(bucket.list()) == []
    assert bucket.head(KEY).size == 1_000_000


def test_readers_see_the_old_object_until_the_new_one_is_whole(bucket: Bucket) -> None:
    bucket.put(KEY, b"old", PLAIN)
    with bucket.open(KEY) as before, bucket.create(KEY, TEXT) as writer:
        writer.write(b"newer")
        assert read(bucket, KEY) == b"old"
        assert before.read(1) == b"o"
        assert bucket.head(KEY).content == PLAIN
    assert read(bucket, KEY) == b"newer"


def test_an_open_reader_keeps_its_version(bucket: Bucket) -> None:
    bucket.put(KEY, b"old", PLAIN)
    with bucket.open(KEY) as reader:
        bucket.put(KEY, b"new", PLAIN)
        assert reader.read() == b"old"


def test_an_error_while_writing_leaves_the_old_object(bucket: Bucket) -> None:
    bucket.put(KEY, b"old", PLAIN)
    with pytest.raises(ZeroDivisionError):
        write_and_fail(bucket, KEY)
    assert read(bucket, KEY) == b"old"
    assert bucket.head(KEY).content == PLAIN


def test_an_error_while_writing_leaves_nothing(bucket: Bucket) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(bucket, KEY)
    assert list(bucket.list()) == []


def test_a_deleted_object_is_gone(bucket: Bucket) -> None:
    bucket.put(KEY, b"abc", TEXT)
    bucket.delete(KEY)
    with pytest.raises(ObjectNotFoundError):
        bucket.head(KEY)
    assert list(bucket.list()) == []


def test_deleting_what_is_not_there_is_no_error(bucket: Bucket) -> None:
    bucket.put(KEY, b"abc", PLAIN)
    bucket.delete("v1/other")
    bucket.delete("v1")
    bucket.delete(f"{KEY}/more")
    assert read(bucket, KEY) == b"abc"


def test_many_keys_are_asked_for_in_their_order(bucket: Bucket) -> None:
    keys = [f"v1/lib ü+~%{number}.so/AB/(lib'&{number}).sym" for number in range(60)]
    for number, key in enumerate(keys):
        if number % 3:
            bucket.put(key, b"x" * number, TEXT if number % 2 else PLAIN)
    answers = list(bucket.heads(keys))
    assert [key for key, _ in answers] == keys
    assert [info for _, info in answers] == [
        bucket.head(key) if number % 3 else None for number, key in enumerate(keys)
    ]


@pytest.mark.parametrize("count", [0, 1, 30])
def test_many_objects_are_deleted(bucket: Bucket, count: int) -> None:
    keys = [f"v1/a & <{number}>/'\"é.sym" for number in range(count)]
    for key in [*keys, KEY]:
        bucket.put(key, b"abc", PLAIN)
    bucket.delete_all([*keys, "v1/not/there"] if keys else [])
    assert [listed.key for listed in bucket.list()] == [KEY]


def test_of_many_keys_none_may_leave_the_bucket(bucket: Bucket) -> None:
    with pytest.raises(InvalidNameError):
        list(bucket.heads([KEY, "../key"]))
    with pytest.raises(InvalidNameError):
        bucket.delete_all([KEY, "../key"])


def test_a_deleted_object_can_be_written_again(bucket: Bucket) -> None:
    bucket.put(KEY, b"abc", TEXT)
    bucket.delete(KEY)
    bucket.put(KEY, b"def", PLAIN)
    assert read(bucket, KEY) == b"def"
    assert bucket.head(KEY).content == PLAIN


def test_a_list_has_every_object_once(bucket: Bucket) -> None:
    keys = ["a/b/c", "a.b", "a-b/c", "b/.index/x", "Z", "ab", "b/日本", "b/~"]
    for key in keys:
        bucket.put(key, key.encode(), PLAIN)
    listed = list(bucket.list())
    assert sorted(info.key for info in listed) == sorted(keys)
    for info in listed:
        current = bucket.head(info.key)
        assert (info.size, info.etag) == (current.size, current.etag)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", ["v1/a/1/x", "v1/ab/1/x", "v10/a"]),
        ("v1", ["v1/a/1/x", "v1/ab/1/x", "v10/a"]),
        ("v1/", ["v1/a/1/x", "v1/ab/1/x"]),
        ("v1/a", ["v1/a/1/x", "v1/ab/1/x"]),
        ("v1/a/", ["v1/a/1/x"]),
        ("v1/a/1/x", ["v1/a/1/x"]),
        ("v1/a/1/x/", []),
        ("other/", []),
        (".me", []),
    ],
)
def test_a_prefix_is_a_beginning_of_keys(bucket: Bucket, prefix: str, expected: list[str]) -> None:
    for key in ["v1/ab/1/x", "v10/a", "v1/a/1/x"]:
        bucket.put(key, b"", TEXT)
    assert sorted(info.key for info in bucket.list(prefix)) == expected


def publish_over(bucket: Bucket, over: str | None, data: bytes = b"new") -> ObjectInfo:
    with bucket.create(KEY, TEXT) as writer:
        writer.write(data)
        writer.publish(over)
        return writer.info


def test_an_object_replaces_the_version_that_its_writer_has_seen(bucket: Bucket) -> None:
    first = publish_over(bucket, None)
    second = publish_over(bucket, first.etag, b"newer")
    assert_same(second, bucket.head(KEY))
    assert read(bucket, KEY) == b"newer"


def test_an_object_replaces_no_version_that_its_writer_has_not_seen(bucket: Bucket) -> None:
    old = bucket.put(KEY, b"old", PLAIN)
    newer = bucket.put(KEY, b"newer", PLAIN)
    for over in (None, old.etag):
        with pytest.raises(ObjectChangedError):
            publish_over(bucket, over)
        assert_same(bucket.head(KEY), newer)
    assert read(bucket, KEY) == b"newer"
    assert [info.key for info in bucket.list()] == [KEY]


def test_a_version_that_was_deleted_is_not_replaced(bucket: Bucket) -> None:
    old = bucket.put(KEY, b"old", PLAIN)
    bucket.delete(KEY)
    with pytest.raises(ObjectChangedError):
        publish_over(bucket, old.etag)
    assert list(bucket.list()) == []


def test_an_object_that_met_another_can_be_published_over_that(bucket: Bucket) -> None:
    other = bucket.put(KEY, b"other", PLAIN)
    with bucket.create(KEY, TEXT) as writer:
        writer.write(b"new")
        with pytest.raises(ObjectChangedError):
            writer.publish(None)
        writer.publish(other.etag)
    assert read(bucket, KEY) == b"new"
    assert_same(writer.info, bucket.head(KEY))


def test_an_object_is_published_once(bucket: Bucket) -> None:
    with bucket.create(KEY, TEXT) as writer:
        writer.write(b"new")
        writer.publish()
        bucket.put(KEY, b"newer", PLAIN)
    assert read(bucket, KEY) == b"newer"


def test_what_was_published_stays_when_its_writer_fails_afterwards(bucket: Bucket) -> None:
    def publish_and_fail() -> None:
        with bucket.create(KEY, TEXT) as writer:
            writer.write(b"new")
            writer.publish()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    assert read(bucket, KEY) == b"new"


def test_of_writers_at_the_same_time_one_replaces_a_version(bucket: Bucket) -> None:
    bucket.put(KEY, b"0", PLAIN)

    def count() -> None:
        while True:
            with bucket.open(KEY) as reader:
                number, seen = int(reader.read()), reader.info.etag
            with suppress(ObjectChangedError):
                publish_over(bucket, seen, b"%d" % (number + 1))
                return

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(count) for _ in range(40)]:
            future.result()
    assert read(bucket, KEY) == b"40"


def test_writers_of_one_key_never_mix(bucket: Bucket) -> None:
    def write(number: int) -> None:
        with bucket.create(KEY, Content(metadata={"number": str(number)})) as writer:
            writer.write(b"%d " % number * 1000)

    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, number) for number in range(100, 160)]
        while not all(future.done() for future in writes):
            for info in bucket.list():  # nothing before the first write
                with bucket.open(info.key) as reader:
                    number = int(reader.info.content.metadata["number"])
                    assert reader.read() == b"%d " % number * 1000
        for future in writes:
            future.result()


def test_keys_that_share_folders_are_written_and_deleted_at_once(bucket: Bucket) -> None:
    def write_and_delete(number: int) -> None:
        for _ in range(8):
            key = f"v1/shared/folder/{number}"
            bucket.put(key, b"x", TEXT)
            assert bucket.head(key).content == TEXT
            bucket.delete(key)

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(write_and_delete, number) for number in range(8)]:
            future.result()
    assert list(bucket.list()) == []


def test_a_bucket_that_works_passes_its_check(bucket: Bucket) -> None:
    bucket.check()
