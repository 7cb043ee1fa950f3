# SPDX-License-Identifier: MPL-2.0

"""Which source is found to have a key, by whom it is asked, and who is told."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, get_ident

import pytest
from tests.support.locators import Cache

from tecken.core.errors import ObjectNotFoundError, StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Reader, SharedFacts
from tecken.core.locating.generations import FileGenerations
from tecken.core.locating.locator import Found, Locator
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.sources import Source

KEY = SymbolKey.of_module("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
HOUR = 3600
BRIEF = Reader("brief", 30, 60, folders=True)
PATIENT = Reader("patient", 6 * HOUR, 6 * HOUR)
READERS = pytest.mark.parametrize("reader", [BRIEF, PATIENT])


class Bucket(MemoryBucket):
    """Counts questions; answers when it may, or has trouble."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.threads: list[int] = []
        self.trouble = False
        self.may_answer = Event()
        self.may_answer.set()

    @property
    def asked(self) -> int:
        """How often it was asked since the last time."""
        count = len(self.threads)
        self.threads.clear()
        return count

    def head(self, key: str) -> ObjectInfo:
        self.threads.append(get_ident())
        assert self.may_answer.wait(30)
        if self.trouble:
            raise StorageUnavailableError(self.name, key, "has trouble")
        return super().head(key)


@dataclass
class World:
    """Buckets, a clock, and processes of a node that share what they know."""

    folder: Path
    now: float = field(default_factory=time.time)
    cache: Cache = field(default_factory=Cache)

    def __post_init__(self) -> None:
        FileGenerations(self.folder / "generations").prepare()  # before any process starts

    def process(self, node: str = "node") -> Locator:
        generations = FileGenerations(self.folder / "generations")
        shared = SharedFacts(generations, self.cache)
        return Locator(shared, self.folder / node, clock=lambda: self.now)

    @property
    def generation(self) -> tuple[int, ...]:
        return FileGenerations(self.folder / "generations").read([str(KEY)])[0]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def far(name: str) -> Source:
    endpoint = f"http://{name}.example.com"
    return Source(name, f"{endpoint}/{name}", Bucket(name), "v1", False, endpoint_url=endpoint)


def near(name: str) -> Source:
    return Source(name, f"file:///data/{name}", Bucket(name), "v1", public=False)


def put(source: Source, key: SymbolKey = KEY, data: bytes = b"1") -> None:
    source.bucket.put(source.object_key(key), data, Content())


def bucket(source: Source) -> Bucket:
    assert isinstance(source.bucket, Bucket)
    return source.bucket


def where(
    locator: Locator, sources: list[Source], reader: Reader = PATIENT, key: SymbolKey = KEY
) -> str | None:
    """The name of the source that has a key."""
    with suppress(ObjectNotFoundError):
        return locator.find(key, sources, reader).source.name
    return None


def asked(sources: list[Source]) -> list[int]:
    return [bucket(source).asked for source in sources]


@pytest.fixture
def sources() -> list[Source]:
    """Three that are far away."""
    return [far("a"), far("b"), far("c")]


@pytest.fixture
def pair() -> list[Source]:
    """Two of which both are waited for, unless the first has the key."""
    return [far("a"), far("b")]


@READERS
@pytest.mark.parametrize("make", [far, near])
@pytest.mark.parametrize("having", ["abc", "bc", "c", ""])
def test_the_first_in_order_that_has_it_is_found(
    world: World, make: Callable[[str], Source], having: str, reader: Reader
) -> None:
    sources = [make(name) for name in "abc"]
    for source in sources:
        if source.name in having:
            put(source)
    for _ in range(2):
        assert where(world.process(), sources, reader) == (having[:1] or None)


def test_the_first_wins_although_it_answers_last(world: World, sources: list[Source]) -> None:
    put(sources[0], data=b"the first")
    put(sources[1], data=b"another")
    bucket(sources[0]).may_answer.clear()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(world.process().find, KEY, sources, PATIENT)
        until(lambda: all(bucket(source).threads for source in sources))
        assert not found.done()
        bucket(sources[0]).may_answer.set()
        assert found.result(30).info.size == len(b"the first")


def test_who_has_found_it_waits_for_no_other(world: World, sources: list[Source]) -> None:
    put(sources[1])
    bucket(sources[2]).may_answer.clear()
    assert where(world.process(), sources) == "b"
    bucket(sources[2]).may_answer.set()


def test_with_one_source_far_away_no_thread_is_used(world: World) -> None:
    sources = [near("a"), far("b"), near("c")]
    assert where(world.process(), sources) is None
    assert {*bucket(sources[0]).threads, *bucket(sources[1]).threads} == {get_ident()}


def test_slow_sources_do_not_keep_many_from_others(world: World, sources: list[Source]) -> None:
    """More questions than there are threads are left behind at a source that does not answer."""
    locator = world.process()
    keys = [SymbolKey.of_module("a.pdb", f"{number + 1:x}") for number in range(100)]
    bucket(sources[1]).may_answer.clear()
    for key in keys:
        put(sources[0], key)
        assert where(locator, sources, key=key) == "a"
    assert bucket(sources[1]).asked < len(keys)
    bucket(sources[1]).may_answer.set()


@pytest.mark.parametrize("make", [far, near])
def test_trouble_counts_only_before_a_source_that_has_it(
    world: World, make: Callable[[str], Source]
) -> None:
    sources = [make(name) for name in "abc"]
    put(sources[1])
    bucket(sources[2]).trouble = True
    assert where(world.process(), sources) == "b"
    bucket(sources[0]).trouble = True
    world.cache.kept.clear()
    with pytest.raises(StorageUnavailableError, match="has trouble"):
        world.process().find(KEY, sources, PATIENT)


def test_nothing_is_concluded_from_trouble(world: World, sources: list[Source]) -> None:
    locator = world.process()
    bucket(sources[1]).trouble = True
    for _ in range(2):
        with pytest.raises(StorageUnavailableError):
            locator.find(KEY, sources, PATIENT)
    bucket(sources[1]).trouble = False
    put(sources[1])
    asked(sources)
    assert where(locator, sources) == "b"
    assert asked(sources)[:2] == [0, 1]  # that it is not in the first was an answer


def test_who_has_pauses_leaves_alone_what_could_not_be_asked(
    world: World, sources: list[Source]
) -> None:
    pausing = Reader("pausing", 30, 60, pauses=SourcePauses())
    bucket(sources[0]).trouble = True
    for reason in ("has trouble", "not asked for a moment"):
        with pytest.raises(StorageUnavailableError, match=reason):
            world.process().find(KEY, sources, pausing)
    assert bucket(sources[0]).asked == 1
    with pytest.raises(StorageUnavailableError, match="has trouble"):
        world.process().find(KEY, sources, PATIENT)


@READERS
@pytest.mark.parametrize("having", ["b", ""])
def test_what_is_known_is_not_asked_again(
    world: World, pair: list[Source], having: str, reader: Reader
) -> None:
    if having:
        put(pair[1])
    locator = world.process()
    where(locator, pair, reader)
    assert asked(pair) == [1, 1]
    for process in (locator, world.process(), world.process("another node")):
        assert where(process, pair, reader) == (having or None)
        with suppress(ObjectNotFoundError):
            assert process.known(KEY, pair, reader, world.generation)
    assert asked(pair) == [0, 0]


@READERS
def test_a_fact_is_believed_for_the_readers_time(
    world: World, pair: list[Source], reader: Reader
) -> None:
    put(pair[1])
    locator, began = world.process(), world.now
    found_seconds, missing_seconds = reader.found_seconds, reader.missing_seconds
    for seconds, expected in (
        (0, [1, 1]),
        (found_seconds - 1, [0, 0]),
        (found_seconds, [int(found_seconds == missing_seconds), 1]),
        (missing_seconds + found_seconds, [1, 1]),
    ):
        world.now = began + seconds
        assert where(locator, pair, reader) == "b"
        assert asked(pair) == expected


def test_readers_use_what_the_other_has_found_out(world: World, pair: list[Source]) -> None:
    put(pair[1])
    for seconds, reader, expected in (
        (0, BRIEF, [1, 1]),
        (0, PATIENT, [0, 0]),
        (HOUR, PATIENT, [0, 0]),  # although it was found for somebody who believes it for 30 s
        (0, BRIEF, [1, 1]),
        (29, BRIEF, [0, 0]),
    ):
        world.now += seconds
        assert where(world.process(), pair, reader) == "b"
        assert asked(pair) == expected


def test_of_a_longer_list_only_the_rest_is_asked(world: World, sources: list[Source]) -> None:
    locator = world.process()
    assert where(locator, sources[:2]) is None
    put(sources[2])
    assert where(locator, sources) == "c"
    assert where(locator, sources[:2]) is None
    assert asked(sources) == [1, 1, 1]


def test_who_believes_no_miss_asks_again(world: World, sources: list[Source]) -> None:
    locator, doubting = world.process(), Reader("doubting", HOUR, 0)
    for reader in (doubting, doubting):
        assert where(locator, sources, reader) is None
        assert asked(sources) == [1, 1, 1]
    assert world.cache.kept == {}


@READERS
def test_an_upload_outdates_it(world: World, pair: list[Source], reader: Reader) -> None:
    processes = world.process(), world.process()
    for process in processes:
        assert where(process, pair, reader) is None
    put(pair[1])
    world.process().generations.raise_([str(KEY)])
    for process in processes:
        assert where(process, pair, reader) == "b"
    assert asked(pair) == [2, 2]


def test_folders_are_asked_every_time(world: World) -> None:
    sources, locator = [near("a"), far("b")], world.process()
    put(sources[1])
    for _ in range(2):
        assert where(locator, sources) == "b"
        world.cache.kept.clear()  # what the process knows of the bucket is enough
    assert asked(sources) == [2, 1]
    put(sources[0])
    assert where(locator, sources) == "a"


def test_that_no_folder_has_it_is_believed_where_that_is_wanted(world: World) -> None:
    sources, locator = [near("a"), near("b")], world.process()
    for _ in range(2):
        assert where(locator, sources, BRIEF) is None
    assert asked(sources) == [1, 1]
    assert where(locator, sources) is None
    assert asked(sources) == [1, 1]
    world.now += 60
    put(sources[1])
    for _ in range(2):
        assert where(locator, sources, BRIEF) == "b"
    put(sources[0])
    assert where(locator, sources, BRIEF) == "a"


def test_no_other_node_is_told_of_a_folder(world: World) -> None:
    sources = [near("a"), far("b")]
    assert where(world.process(), sources, BRIEF) is None
    put(sources[0])  # that of another node, which has the same path
    assert where(world.process("another node"), sources, BRIEF) == "a"


def test_what_cannot_be_kept_is_asked_again(world: World, sources: list[Source]) -> None:
    (world.folder / "node").write_text("not a folder")
    put(sources[0])
    for kept in (b"", b"\0", b"damaged"):
        assert where(world.process(), sources) == "a"
        world.cache.kept = dict.fromkeys(world.cache.kept, kept)


def test_every_process_looks_anew_for_what_has_gone(world: World, sources: list[Source]) -> None:
    put(sources[0])
    processes = world.process(), world.process("another node")
    found = [process.find(KEY, sources, PATIENT) for process in processes]
    sources[0].bucket.delete(sources[0].object_key(KEY))
    put(sources[1])
    assert [where(process, sources) for process in processes] == ["a", "a"]
    processes[0].forget(found[0])
    asked(sources)
    assert [where(process, sources) for process in processes] == ["b", "b"]
    assert bucket(sources[0]).asked == 1


def test_who_sees_it_late_changes_nothing(world: World, sources: list[Source]) -> None:
    put(sources[0])
    locator = world.process()
    before = locator.find(KEY, sources, PATIENT)
    put(sources[0], data=b"another version")
    locator.forget(before)
    assert where(locator, sources) == "a"
    generation = world.generation
    locator.forget(before)
    locator.forget(Found(sources[1], KEY, before.info))
    assert world.generation == generation


def test_what_is_being_found_out_meanwhile_is_not_believed(
    world: World, sources: list[Source]
) -> None:
    locator = world.process()
    bucket(sources[0]).may_answer.clear()
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(where, locator, sources)
        until(lambda: bool(bucket(sources[0]).threads))
        put(sources[2])
        locator.outdate(KEY)
        bucket(sources[0]).may_answer.set()
        early.result(30)
    assert where(locator, sources) == "c"


@READERS
def test_threads_and_processes_that_come_at_once_ask_once(
    world: World, sources: list[Source], reader: Reader
) -> None:
    processes = [world.process(), world.process()]
    bucket(sources[0]).may_answer.clear()
    with ThreadPoolExecutor(8) as pool:
        told = [pool.submit(where, processes[n % 2], sources, reader) for n in range(8)]
        until(lambda: bool(bucket(sources[0]).threads))
        time.sleep(0.05)  # so that the others wait for the first
        bucket(sources[0]).may_answer.set()
        assert {each.result(30) for each in told} == {None}
    assert asked(sources) == [1, 1, 1]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)
