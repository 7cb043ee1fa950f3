# SPDX-License-Identifier: MPL-2.0

"""Everything at once that may go wrong, and polite clients who check every answer.

``python -m benchmarks.unlucky --minutes 60``

A server in a memory cgroup of 2 GB (where one cannot be made, each of its processes may have that
much address space) meets all kinds of hostile clients in turn, several kinds at a time; bodies and
symbol files that cost far more than they weigh (``tests.support.hostile_bodies``); and its workers are
killed at random. Meanwhile polite clients upload files, and read and symbolicate what was uploaded.

An answer must be right. 429, and 503 with Retry-After, are honest: the client comes again. A
connection that is cut may be a killed worker's: the client tries again as well. It is a failure when
it is not served within some time, when an answer is wrong, and when an upload that was answered 201
is not there, then or at the end.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.costly_symbols import equal_ranges, nested_calls
from tests.support.memory_limit import memory_limit
from tests.support.symbol_texts import large

from benchmarks.harness import MEGABYTE
from benchmarks.hostile_clients import Target
from benchmarks.hostile_crowd import raise_descriptors
from benchmarks.limited_server import LimitedServer, ServerEndedError
from benchmarks.polite import ask, upload_form
from benchmarks.processes import HoldingsWatch
from benchmarks.unlucky_clients import FRAMES, Unlucky, UnservedError

WORKERS = 4
MEMORY_BYTES = 2 * 1024**3
KILL_SECONDS = (5.0, 40.0)  # between two kills
_LATE_SECONDS = 60


def run(
    folder: Path, minutes: float, clients: int, kill_seconds: tuple[float, float] = KILL_SECONDS
) -> Unlucky:
    """Let all of it go on for so long, and check all uploads at the end.

    Workers are killed one after the other, with so long between two kills.
    """
    with ExitStack() as opened:
        limit = opened.enter_context(memory_limit(MEMORY_BYTES))
        server = opened.enter_context(LimitedServer(folder, WORKERS, limit=limit))
        how = "address space of each process" if limit.group is None else "memory cgroup"
        print(f"memory: {MEMORY_BYTES / MEGABYTE:.0f} MB ({how})", flush=True)
        token = server.make_token()
        target = Target("127.0.0.1", urlsplit(server.url).port or 0, token=token)
        unlucky = Unlucky(_prepared(target), server)
        acts = [unlucky.upload, unlucky.download, unlucky.symbolicate, unlucky.symbolicate]
        acts += [unlucky.beat, unlucky.send_body, unlucky.send_body, unlucky.send_body]
        acts.append(lambda rng: unlucky.be_hostile(rng, clients))
        acts.append(lambda rng: unlucky.kill(rng, kill_seconds))
        with HoldingsWatch(server) as holdings, ThreadPoolExecutor(len(acts)) as pool:
            running = [pool.submit(unlucky.until_the_end, act, at) for at, act in enumerate(acts)]
            unlucky.ended.wait(minutes * 60)
            for _ in range(_LATE_SECONDS * 10):  # on a busy machine the first answer comes late
                if unlucky.counts["symbolication: 200"] or unlucky.ended.wait(0.1):
                    break
            unlucky.ended.set()
            for future in running:
                future.result()
            _check_uploads(unlucky)
        most = holdings.peak_bytes / MEGABYTE
        print(f"memory: at most {most:.0f} MB, killed for want of it: {limit.kills}")
    return unlucky


def _prepared(target: Target) -> Target:
    """Upload what hostile clients ask for, and return what they know."""
    first = dict([large(1, 60_000)])
    for members in (first, equal_ranges().member, nested_calls().member):
        body, headers = upload_form(members)
        headers["Auth-Token"] = target.token
        answer, content = ask(target, "POST", "/upload/", body, headers, 300)
        assert answer.status in (201, 400), content  # 400: an upload may judge them already
    [key] = first
    path = urlsplit(ask(target, "GET", f"/{key}")[0].headers["Location"]).path
    debug_file, debug_id, _ = key.split("/")

    def question(frames: int) -> str:
        stack = [[0, 0x1000 + at * 0x40] for at in range(frames)]
        return json.dumps({"memoryMap": [[debug_file, debug_id]], "stacks": [stack]})

    return replace(
        target, file_path=path, small_request=question(FRAMES), large_request=question(20_000)
    )


def _check_uploads(unlucky: Unlucky) -> None:
    for number in list(unlucky.uploaded):
        try:
            unlucky.check_file("final check", number)
        except UnservedError as error:
            unlucky.fault(str(error))
        except ServerEndedError:
            unlucky.fault("the server has ended")
            return


def main(arguments: Sequence[str]) -> None:
    """Run for the minutes given; the exit status says whether there was a fault."""
    parser = argparse.ArgumentParser(description="All that may go wrong, at once.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--clients", type=int, default=500, help="hostile ones at a time")
    parser.add_argument(
        "--kill-seconds",
        type=float,
        nargs=2,
        default=KILL_SECONDS,
        metavar=("LEAST", "MOST"),
        help="between two kills of workers",
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # with all that was started
    raise_descriptors(4 * options.clients + 4_000)
    with tempfile.TemporaryDirectory() as folder:
        unlucky = run(Path(folder), options.minutes, options.clients, tuple(options.kill_seconds))
    for what, count in sorted(unlucky.counts.items()):
        print(f"{count:8} {what}")
    print(f"{len(unlucky.uploaded)} uploads, {len(unlucky.faults)} faults")
    sys.exit("\n".join(unlucky.faults) or 0)


if __name__ == "__main__":
    main(sys.argv[1:])
