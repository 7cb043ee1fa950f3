# SPDX-License-Identifier: MPL-2.0

"""An upload whose steps are watched from outside: by files, objects and rows."""

import gzip
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
import requests
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import large, write_zip

Step = Callable[[], bool]


class WatchedUpload:
    """An upload of files that are new to a server; ``number`` tells it from others."""

    def __init__(self, server: StartedServer, folder: Path, number: int, members: int = 5) -> None:
        self.server = server
        self.name = f"symbols-{number}.zip"
        texts = dict(large(number * members + member, 1_500) for member in range(members))
        self.texts = {f"v1/{key}": text for key, text in texts.items()}
        self.archive = write_zip(folder / self.name, texts)
        self._generations_before = self._generations()

    def steps(self) -> dict[str, Step]:
        """What can be seen, in the order in which it happens."""
        return {
            "spooled": self.is_spooled,
            "pass one done": lambda: bool(self.rows()),
            "index stored": self.has_index_alone,
            "object stored": lambda: bool(self.stored()),
            "all objects stored": lambda: self.stored() == self.texts.keys(),
            "caches told": lambda: self._generations() != self._generations_before,
            "row written": lambda: bool(self.completed_files()),
            "finished": lambda: any(completed for _, completed in self.rows()),
        }

    def kill_after(self, step: Step, token: str) -> str:
        """Send it, kill the server as soon as a step is seen, and return the last that was done."""

        def send() -> None:
            with suppress(requests.RequestException):  # the server is gone, which is the point
                self.server.upload(self.archive, token, self.name)

        client = threading.Thread(target=send)
        client.start()
        while client.is_alive() and not step():
            time.sleep(0.001)
        self.server.stop(signal.SIGKILL)
        client.join()
        return [name for name, done in {"none": lambda: True, **self.steps()}.items() if done()][-1]

    def repeat(self, token: str) -> Mapping[str, Any]:
        """Send it as build scripts do, again after each 503, and return what it was answered."""
        for _ in range(10):
            answer = self.server.upload(self.archive, token, self.name)
            if answer.status_code != 503:
                break
        assert answer.status_code == 201, answer.text
        upload: dict[str, Any] = answer.json()["upload"]
        return upload

    def is_spooled(self) -> bool:
        size = self.archive.stat().st_size
        for part in self.server.data_dir.rglob("*.part"):
            with suppress(FileNotFoundError):
                if part.stat().st_size == size:
                    return True
        return False

    def rows(self) -> list[tuple[object, object]]:
        """Return the id and the time of completion of each row of this archive, oldest first."""
        rows = self.server.rows("SELECT id, completed_at, filename FROM upload_upload ORDER BY id")
        return [(number, completed) for number, completed, name in rows if name == self.name]

    def completed_files(self) -> dict[object, object]:
        """Return the key and the size of each file of which the rows say that it is stored."""
        query = "SELECT key, size FROM upload_fileupload WHERE completed_at IS NOT NULL"
        return {key: size for key, size in self.server.rows(query) if key in self.texts}

    def stored(self) -> set[str]:
        """Return the keys of the objects that are there."""
        return self.texts.keys() & self.server.objects.versions().keys()

    def indexed(self) -> set[str]:
        """Return the keys of the objects of which there is an index."""
        return self.texts.keys() & {key for key, _ in self.server.objects.indexes()}

    def has_index_alone(self) -> bool:
        """Say whether there is an index whose object is not there yet."""
        # Asked in this order, as the second question takes time: rather a little late than never.
        stored = self.stored()
        return bool(self.indexed() - stored)

    def assert_whole(self) -> None:
        """Compare the objects that are there with their sources, and find their indexes."""
        objects = self.server.objects
        indexes = objects.indexes()
        for key in self.stored():
            assert gzip.decompress(objects.read(key)).decode() == self.texts[key]
            assert (key, objects.metadata(key)["object_id"]) in indexes
        for key, size in self.completed_files().items():
            assert size == len(objects.read(str(key)))

    def _generations(self) -> object:
        """Return what holds the generations of all symbol keys."""
        url = self.server.settings.get("REDIS_URL")
        if url is None:
            path = self.server.data_dir / "generations"
            return path.read_bytes().strip(b"\0") if path.exists() else b""
        with redis.Redis.from_url(url) as client:
            return client.getrange("tecken:generations", 0, 4 * 65_537 - 1)
