# SPDX-License-Identifier: MPL-2.0

"""Finding symbols in S3: how many requests an answer takes, and what is remembered of them."""

import gzip
import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import pytest
from mypy_boto3_s3 import S3Client
from tests.support.locators import Cache, make_locator
from tests.support.proxy import Fault, HttpProxy
from tests.support.servers import S3
from tests.support.symbol_texts import large

from tecken.core.errors import ModuleUnreachableError, ObjectNotFoundError, StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.generations import FileGenerations
from tecken.core.locating.locator import is_stored
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.base import Content
from tecken.core.storage.digest import Digest
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.s3_options import S3Options, TimeOuts
from tecken.core.storage.sources import Source, open_source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.symbolicate import Job, symbolicate
from tecken.core.symbols import keeping
from tecken.core.symbols.lookup import ReadLog
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.tiers.written_back import WrittenBack
from tecken.web.measured_bucket import measure

RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain"})
MODULES = range(6)
FUNCTIONS = 1_200
FAR = 0x10000  # an address in another block than the first


def options_of(s3: S3, seconds: float = 1) -> S3Options:
    return S3Options(s3.access_key, s3.secret_key, lookup=TimeOuts(seconds, seconds))


@cache
def text_of(number: int) -> tuple[str, bytes]:
    """The key and the text of a symbol file of some blocks."""
    key, text = large(number, FUNCTIONS)
    return key, text.encode()


@pytest.fixture(scope="module")
def fill(s3: S3, make_bucket: Callable[..., str]) -> Callable[[], str]:
    """Return what makes a bucket with a symbol file of each module; each was packed once."""
    packed = Source("packed", "", MemoryBucket("packed"), "v1", public=False)
    for number in MODULES:
        upload(packed, number)

    def make() -> str:
        name = make_bucket()
        bucket = open_source(f"{s3.endpoint}/{name}", "v1", options_of(s3)).bucket
        for key in [listed.key for listed in packed.bucket.list()]:
            with packed.bucket.open(key) as reader:
                bucket.put(key, reader.read(), reader.info.content)
        return name

    return make


@pytest.fixture(scope="module")
def shared_bucket(fill: Callable[[], str]) -> str:
    """The bucket of the tests that only read it."""
    return fill()


@pytest.fixture
def own_bucket(fill: Callable[[], str]) -> str:
    """A bucket that the test may change; who uses it has it as ``source``."""
    return fill()


@pytest.fixture
def source(request: pytest.FixtureRequest, s3: S3, s3_proxy: HttpProxy) -> Source:
    """A bucket behind the proxy, with a symbol file of each module."""
    own = "own_bucket" in request.fixturenames
    name = request.getfixturevalue("own_bucket" if own else "shared_bucket")
    return open_source(f"{s3_proxy.url}/{name}", "v1", options_of(s3))


@pytest.fixture
def generations(tmp_path: Path) -> FileGenerations:
    return FileGenerations(tmp_path / "generations")


@dataclass
class Clock:
    """A clock of pauses, which tests move on."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_supplier(
    source: Source, generations: FileGenerations, clock: Clock, tmp_path: Path
) -> Callable[[], Supplier]:
    """Return what makes the supplier of a new process of one node."""

    def make() -> Supplier:
        node = NodeTier(tmp_path / "node", 10_000_000)
        locator, pauses = make_locator(generations, tmp_path), SourcePauses(clock)
        return Supplier([source], MemoryTier(10_000_000), node, locator, pauses=pauses)

    return make


@pytest.fixture
def supplier(make_supplier: Callable[[], Supplier]) -> Supplier:
    return make_supplier()


@pytest.fixture
def _small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    # Objects of more than one stretch are large.
    monkeypatch.setattr(keeping, "STRETCH_BLOCKS", 1)


def key_of(number: int) -> SymbolKey:
    return SymbolKey.parse(text_of(number)[0])


def upload(source: Source, number: int, namespace: str | None = None) -> None:
    """Store a symbol file as uploads do, perhaps with other names in it."""
    text = text_of(number)[1]
    if namespace:
        text = text.replace(f" ns{number}::".encode(), f" {namespace}::".encode())
    digest = Digest(len(text), hashlib.md5(text, usedforsecurity=False).hexdigest())
    key = key_of(number)
    store(source, key, [text], digest, RULES)


def functions(supplier: Supplier, address: int = 0x1000) -> list[str | None]:
    """Return the function at an address of each module."""
    keys = [key_of(number) for number in MODULES]
    modules = [(key.debug_file, key.debug_id) for key in keys]
    jobs = [Job(modules, [[(index, address) for index in range(len(modules))]])]
    found = symbolicate(jobs, supplier, supplier.modules_at_once)
    symbols = [found[module].symbols.get(address) for module in modules]
    return [symbol.function.partition("::")[0] if symbol else None for symbol in symbols]


def test_modules_are_looked_for_at_the_same_time(supplier: Supplier, s3_proxy: HttpProxy) -> None:
    s3_proxy.add(Fault(delay_seconds=0.1))
    assert functions(supplier) == [f"ns{number}" for number in MODULES]
    asked = {(request.method, request.path) for request in s3_proxy.requests}  # some perhaps again
    assert len(asked) == 3 * len(MODULES)  # object, index, and blocks
    assert s3_proxy.most_at_once() >= len(MODULES)


def test_modules_in_memory_wait_for_nobody_who_waits_for_a_slow_store(
    source: Source, s3: S3, s3_proxy: HttpProxy, generations: FileGenerations, tmp_path: Path
) -> None:
    # Its requests do not end while the proxy lets nothing through.
    patient = open_source(source.url, "v1", options_of(s3, 60))
    node = NodeTier(tmp_path / "node", 10_000_000)
    locator = make_locator(generations, tmp_path)
    supplier = Supplier([patient], MemoryTier(10_000_000), node, locator)
    expected = functions(supplier)
    s3_proxy.clear()
    s3_proxy.pause()

    def ask_for_others(number: int) -> None:
        modules = [("none.pdb", f"{number + 1:x}{each:04X}") for each in range(40)]
        symbolicate([Job(modules, [[(index, 0) for index in range(40)]])], supplier, 16)

    with ThreadPoolExecutor(9) as callers:
        try:
            others = [callers.submit(ask_for_others, number) for number in range(4)]
            deadline = time.monotonic() + 30
            while len(s3_proxy.requests) < 64:
                assert time.monotonic() < deadline, f"{len(s3_proxy.requests)} wait"
                time.sleep(0.01)
            assert callers.submit(functions, supplier).result(timeout=20) == expected
            # A second address in functions that were read is in memory, too.
            assert callers.submit(functions, supplier, 0x1001).result(timeout=20) == expected
            assert not any(other.done() for other in others)
        finally:
            s3_proxy.resume()


@pytest.mark.usefixtures("_small_stretches")
def test_what_is_known_needs_no_request(supplier: Supplier, s3_proxy: HttpProxy) -> None:
    functions(supplier)
    s3_proxy.clear()
    functions(supplier)
    assert s3_proxy.requests == []
    functions(supplier, FAR)
    assert [request.method for request in s3_proxy.requests] == ["GET"] * len(MODULES)


def test_small_objects_are_fetched_whole(supplier: Supplier, s3_proxy: HttpProxy) -> None:
    functions(supplier)
    s3_proxy.clear()
    functions(supplier, FAR)
    assert s3_proxy.requests == []


def methods(proxy: HttpProxy) -> set[str]:
    return {request.method for request in proxy.requests}


def test_other_processes_of_the_node_only_ask_which_version_there_is(
    make_supplier: Callable[[], Supplier], s3_proxy: HttpProxy
) -> None:
    expected = functions(make_supplier())
    s3_proxy.clear()
    assert functions(make_supplier()) == expected
    assert methods(s3_proxy) == {"HEAD"}


@pytest.mark.usefixtures("own_bucket")
def test_another_version_is_not_answered_with_what_was_kept(
    make_supplier: Callable[[], Supplier], source: Source
) -> None:
    functions(make_supplier())
    upload(source, 2, "new")
    assert functions(make_supplier())[1:4] == ["ns1", "new", "ns3"]


@pytest.mark.parametrize("kind", ["index", "blocks"])
@pytest.mark.parametrize("damage", [b"", b"\0", b"x" * 500_000, None])
def test_what_the_node_kept_may_be_damaged_or_vanish(
    make_supplier: Callable[[], Supplier],
    s3_proxy: HttpProxy,
    tmp_path: Path,
    kind: str,
    damage: bytes | None,
) -> None:
    functions(make_supplier())
    for path in (tmp_path / "node").glob(f"*.{kind}"):
        if damage is None:
            path.unlink()
        else:
            path.write_bytes(damage)
    for expected in ({"HEAD", "GET"}, {"HEAD"}):
        s3_proxy.clear()
        assert functions(make_supplier()) == [f"ns{number}" for number in MODULES]
        assert methods(s3_proxy) == expected


def test_where_nothing_can_be_kept_s3_is_asked(
    make_supplier: Callable[[], Supplier], tmp_path: Path
) -> None:
    (tmp_path / "node").write_text("not a folder")
    assert functions(make_supplier()) == [f"ns{number}" for number in MODULES]


@pytest.mark.usefixtures("own_bucket")
def test_a_new_generation_is_looked_for_at_once(
    supplier: Supplier, source: Source, generations: FileGenerations
) -> None:
    functions(supplier)
    upload(source, 2, "new")
    generations.raise_([str(key_of(2))])
    assert functions(supplier)[1:4] == ["ns1", "new", "ns3"]


@pytest.fixture
def make_sharing(
    source: Source, generations: FileGenerations, tmp_path: Path
) -> Callable[[], Supplier]:
    """Return what makes the supplier of a new process of a node that shares where keys are."""
    cache = Cache()

    def make() -> Supplier:
        node, memory = NodeTier(tmp_path / "node", 10_000_000), MemoryTier(10_000_000)
        return Supplier([source], memory, node, make_locator(generations, tmp_path, cache))

    return make


def at_once(make: Callable[[], Supplier], key: SymbolKey, count: int = 8) -> list[str]:
    """Have so many processes ask for a key at the same time; return what each says."""
    suppliers = [make() for _ in range(count)]
    barrier = threading.Barrier(count)

    def ask(supplier: Supplier) -> str:
        barrier.wait()
        try:
            [symbol] = supplier.table_of(key, ReadLog()).lookup([0x1000], ReadLog())
        except ObjectNotFoundError:
            return "not found"
        return symbol.function if symbol else "nothing"

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, suppliers))


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.usefixtures("own_bucket")
def test_processes_that_need_a_module_find_and_open_it_once(
    make_sharing: Callable[[], Supplier], source: Source, s3_proxy: HttpProxy, foreign: bool
) -> None:
    if foreign:
        data = gzip.compress(text_of(1)[1])
        source.bucket.put(source.object_key(key_of(1)), data, Content())
    s3_proxy.clear()
    s3_proxy.add(Fault(delay_seconds=0.1))
    assert set(at_once(make_sharing, key_of(1))) == {"ns1::function_0(int)"}
    asked = [request.method for request in s3_proxy.requests if "module1.pdb" in request.path]
    assert asked.count("HEAD") == 1
    if foreign:
        assert asked.count("GET") == 1
    else:  # each reads its blocks, but for those that another has just fetched
        assert len([request for request in s3_proxy.requests if ".index" in request.path]) == 1


@pytest.mark.usefixtures("own_bucket")
def test_a_shared_place_whose_object_was_replaced_is_forgotten(
    make_sharing: Callable[[], Supplier], source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "STRETCH_BLOCKS", 1)
    functions(make_sharing())
    upload(source, 2, "new")
    assert functions(make_sharing(), FAR)[1:4] == ["ns1", "new", "ns3"]
    assert functions(make_sharing(), FAR)[1:4] == ["ns1", "new", "ns3"]


@pytest.mark.usefixtures("own_bucket", "_small_stretches")
def test_an_object_replaced_behind_our_back_is_found_anew(
    supplier: Supplier, source: Source
) -> None:
    functions(supplier)
    upload(source, 2, "new")
    assert functions(supplier, FAR)[1:4] == ["ns1", "new", "ns3"]


@pytest.mark.usefixtures("own_bucket", "_small_stretches")
def test_an_object_deleted_behind_our_back_is_not_found(supplier: Supplier, source: Source) -> None:
    functions(supplier)
    source.bucket.delete(source.object_key(key_of(2)))
    assert functions(supplier, FAR)[1:4] == ["ns1", None, "ns3"]


@pytest.mark.usefixtures("own_bucket")
def test_a_corrupt_object_is_malformed_and_spoils_no_other(
    supplier: Supplier, source: Source, s3_client: S3Client
) -> None:
    key = source.object_key(key_of(2))
    info = source.bucket.head(key)
    source.bucket.put(key, b"\0" * info.size, replace(info.content))
    assert functions(supplier)[1:4] == ["ns1", None, "ns3"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=503), "answered 503"),
        (Fault(delay_seconds=10), "did not answer in time"),
        (Fault(cut_after=0), "cannot be reached"),
    ],
)
def test_one_module_that_cannot_be_asked_for_fails_the_request(
    supplier: Supplier, s3_proxy: HttpProxy, clock: Clock, fault: Fault, reason: str
) -> None:
    s3_proxy.add(replace(fault, when=lambda request: "/module2.pdb/" in request.path))
    with pytest.raises(ModuleUnreachableError, match=f"module2.pdb.*{reason}"):
        functions(supplier)
    s3_proxy.clear()
    until(lambda: functions(supplier)[2] == "ns2", clock)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=500), "answered 500"),
        (Fault(status=503), "answered 503"),
        (Fault(cut_after=0), "cannot be reached"),
        (Fault(delay_seconds=2), "did not answer in time"),
    ],
)
def test_one_key_that_cannot_be_asked_for_keeps_no_other_from_being_found(
    supplier: Supplier, s3_proxy: HttpProxy, clock: Clock, fault: Fault, reason: str
) -> None:
    """Somebody asks for the bad key again and again, and nobody for any other in the meantime."""
    s3_proxy.add(replace(fault, when=lambda request: "/module2.pdb/" in request.path))
    told = []
    for _ in range(40):
        with pytest.raises(StorageUnavailableError, match=reason) as error:
            supplier.table_of(key_of(2), ReadLog())
        told.append(error.value.reason)
        clock.now += 0.1
    tried = [reason for reason in told if not reason.startswith("is not asked")]
    assert len(tried) <= 5  # no two within a second
    assert len(told) > 2 * len(tried)
    good = [number for number in MODULES if number != 2]
    for number in good:
        assert supplier.table_of(key_of(number), ReadLog()).lookup([0x1000], ReadLog())
    with pytest.raises(StorageUnavailableError, match=reason):
        supplier.table_of(key_of(2), ReadLog())


def test_a_key_that_can_be_asked_for_again_is_found_soon(
    supplier: Supplier, s3_proxy: HttpProxy, clock: Clock
) -> None:
    s3_proxy.add(Fault(status=503, when=lambda request: "/module2.pdb/" in request.path))
    with pytest.raises(StorageUnavailableError, match="answered 503"):
        supplier.table_of(key_of(2), ReadLog())
    s3_proxy.clear()
    until(lambda: functions(supplier)[2] == "ns2", clock)


def test_a_server_that_cannot_be_connected_to_is_left_alone_at_once(
    supplier: Supplier, s3_proxy: HttpProxy, clock: Clock
) -> None:
    s3_proxy.refuse()
    with pytest.raises(StorageUnavailableError, match="cannot be reached"):
        supplier.table_of(key_of(1), ReadLog())
    with pytest.raises(StorageUnavailableError, match="not asked for a moment"):
        supplier.table_of(key_of(2), ReadLog())
    s3_proxy.listen()
    until(lambda: functions(supplier)[2] == "ns2", clock)


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(delay_seconds=2)])
def test_a_server_that_fails_whatever_it_is_asked_for_is_left_alone_for_a_moment(
    supplier: Supplier, s3_proxy: HttpProxy, clock: Clock, fault: Fault
) -> None:
    s3_proxy.add(fault)
    for number in range(3):
        with pytest.raises(StorageUnavailableError, match="answer"):
            supplier.table_of(key_of(number + 3), ReadLog())
    s3_proxy.requests.clear()
    with pytest.raises(StorageUnavailableError, match=r"not asked for a moment.* answer"):
        supplier.table_of(key_of(2), ReadLog())
    assert s3_proxy.requests == []
    s3_proxy.clear()
    until(lambda: functions(supplier)[2] == "ns2", clock)


@pytest.mark.usefixtures("own_bucket")
def test_a_source_that_is_left_alone_is_asked_again_after_an_answer_to_somebody_else(
    source: Source, generations: FileGenerations, s3_proxy: HttpProxy, tmp_path: Path
) -> None:
    pauses = SourcePauses()
    answered = partial(pauses.answered, source.url)
    measured = replace(source, bucket=measure(source.bucket, source.name, answered))
    node, memory = NodeTier(tmp_path / "node", 10_000_000), MemoryTier(10_000_000)
    supplier = Supplier([source], memory, node, make_locator(generations, tmp_path), pauses=pauses)
    for somebody in (
        lambda: upload(measured, 1),
        lambda: is_stored(measured, key_of(1)),
        lambda: is_stored(measured, key_of(77)),
    ):
        s3_proxy.refuse()
        with pytest.raises(StorageUnavailableError):
            supplier.table_of(key_of(2), ReadLog())
        s3_proxy.listen()
        with pytest.raises(StorageUnavailableError, match="not asked for a moment"):
            supplier.table_of(key_of(2), ReadLog())
        somebody()
        assert supplier.table_of(key_of(2), ReadLog())
        generations.raise_([str(key_of(2))])  # so that it is looked for again


def until(holds: Callable[[], bool], clock: Clock) -> None:
    """Ask again while the source is left alone, which is not for longer than ten seconds."""
    for _ in range(10):
        with suppress(ModuleUnreachableError):
            assert holds()
            return
        clock.now += 1
    raise AssertionError("the source is still left alone")


@pytest.mark.usefixtures("own_bucket")
def test_a_foreign_file_that_is_cut_while_it_is_read_is_read_on(
    supplier: Supplier, source: Source, s3_proxy: HttpProxy
) -> None:
    key = source.object_key(key_of(2))
    source.bucket.put(key, text_of(2)[1].replace(b" ns2::", b" foreign::"), Content())
    s3_proxy.clear()
    path = f"/{source.bucket.name}/{key}"
    cut = Fault(cut_after=20_000, times=2, when=lambda r: (r.method, r.path) == ("GET", path))
    s3_proxy.add(cut)
    assert functions(supplier)[1:4] == ["ns1", "foreign", "ns3"]
    assert cut.times == 0


def test_passing_trouble_is_not_seen(supplier: Supplier, s3_proxy: HttpProxy) -> None:
    s3_proxy.add(Fault(status=503, times=5))
    assert functions(supplier) == [f"ns{number}" for number in MODULES]


def put_foreign(source: Source, number: int) -> str:
    """Put a symbol file under its key as somebody else may; return the object's key."""
    key = source.object_key(key_of(number))
    source.bucket.put(key, gzip.compress(text_of(number)[1]), Content())
    return key


@pytest.fixture
def make_node(
    source: Source, generations: FileGenerations, tmp_path: Path
) -> Callable[[str], Supplier]:
    """Return what makes the supplier of a node, whose bucket is ours to write."""

    def make(name: str) -> Supplier:
        node = NodeTier(tmp_path / name, 10_000_000)
        written = WrittenBack({source.name: source})
        locator = make_locator(generations, tmp_path / name)
        return Supplier([source], MemoryTier(10_000_000), node, locator, written=written)

    return make


def paths_read(proxy: HttpProxy) -> list[str]:
    return [request.path for request in proxy.requests if request.method == "GET"]


@pytest.mark.usefixtures("own_bucket")
def test_another_node_reads_what_lies_beside_a_foreign_file(
    make_node: Callable[[str], Supplier], source: Source, s3_proxy: HttpProxy
) -> None:
    key = put_foreign(source, 1)
    expected = functions(make_node("one"))
    assert expected[1] == "ns1"
    s3_proxy.clear()
    for name in ("two", "two"):  # a node, and another process of it
        assert functions(make_node(name)) == expected
    assert not any(path.endswith(f"/{key}") for path in paths_read(s3_proxy))
    of_copy = [path for path in paths_read(s3_proxy) if path.endswith(".gz")]
    assert 0 < len(of_copy) <= 2  # the blocks are kept on the node


@pytest.mark.usefixtures("own_bucket")
def test_a_damaged_copy_beside_a_foreign_file_in_s3_is_made_again(
    make_node: Callable[[str], Supplier], source: Source
) -> None:
    put_foreign(source, 1)
    expected = functions(make_node("one"))
    [copy] = [each for each in source.bucket.list(source.index_prefix) if each.key.endswith(".gz")]
    source.bucket.put(copy.key, bytes(copy.size), Content())
    node = make_node("two")
    assert functions(node) == functions(make_node("three")) == expected
    with source.bucket.open(copy.key) as reader:
        assert reader.read(2) == b"\x1f\x8b"


@pytest.mark.usefixtures("own_bucket")
def test_a_bucket_that_takes_nothing_fails_no_answer(
    make_node: Callable[[str], Supplier], source: Source, s3_proxy: HttpProxy
) -> None:
    put_foreign(source, 1)
    s3_proxy.add(Fault(status=503, when=lambda request: request.method in {"PUT", "POST"}))
    assert functions(make_node("one"))[1] == "ns1"
