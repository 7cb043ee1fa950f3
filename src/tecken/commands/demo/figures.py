# SPDX-License-Identifier: MPL-2.0

"""What the demo's people would have asked for: missing symbols, and counts of 30 days.

Counts are added to those of the server. They follow from the day on which the demo was loaded, so
that the same can be taken off again.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from tecken.commands.demo.symbols import DemoModule
from tecken.commands.demo.uploads import UPLOADS
from tecken.core.identifiers import SymbolKey
from tecken.download.misses import CodeModule, Downloads, Miss
from tecken.download.services import add_downloads, forget_misses, store_misses, take_off_downloads
from tecken.symbolication.daily_counts import add_requests, take_off_requests

_DAYS = 30
# Debug files that were asked for, with their code files, on so many of the last days.
_MISSING = (
    ("demo-browser.pdb", "demo-browser.exe", "0.8", 3),
    ("demo-browser.pdb", "demo-browser.exe", "0.9", 5),
    ("demo-engine.pdb", "demo-engine.dll", "0.9", 4),
    ("demo-plugin.pdb", "demo-plugin.dll", "1.0", 6),
    ("demo-plugin.pdb", "demo-plugin.dll", "1.1", 2),
    ("demo-graphics-driver.pdb", "demo-graphics-driver.dll", "31.0.15", 6),
    ("demo-antivirus.pdb", "demo-antivirus.dll", "7", 1),
    ("libdemo-codec.so", "", "2.4", 2),
    ("libdemo-codec.so", "", "2.5", 1),
    ("DemoExtension", "", "1.0", 3),
)


def load_figures(loaded_on: date) -> None:
    """Add misses and counts."""
    store_misses(_misses(loaded_on))
    add_downloads(_downloads(loaded_on))
    add_requests(_requests(loaded_on))


def remove_figures(loaded_on: date) -> None:
    """Take the same off again; misses of the demo's names go, whoever asked."""
    uploaded = {module.debug_file for upload in UPLOADS for module in upload.modules}
    forget_misses(uploaded.union(debug_file for debug_file, *_ in _MISSING))
    take_off_downloads(_downloads(loaded_on))
    take_off_requests(_requests(loaded_on))


def _misses(loaded_on: date) -> Iterator[Miss]:
    """Yield a miss for each day on which a module was asked for; the day of loading is the last."""
    now = timezone.now()
    for debug_file, code_file, version, days in _MISSING:
        module = DemoModule("windows", debug_file, version, 0, code_file)
        key = SymbolKey.of_module(debug_file, module.debug_id)
        code = CodeModule(code_file, module.code_id if code_file else "")
        for ago in reversed(range(days)):
            noon = datetime.combine(loaded_on - timedelta(days=ago), datetime.min.time(), UTC)
            yield Miss.of(key, code, min(noon + timedelta(hours=12), now))


def _downloads(loaded_on: date) -> Iterator[Downloads]:
    for ago in range(_DAYS):
        day = loaded_on - timedelta(days=ago)
        yield Downloads(day, *_of_day(day, 420, 64))


def _requests(loaded_on: date) -> Mapping[tuple[date, str], int]:
    days = [loaded_on - timedelta(days=ago) for ago in range(_DAYS)]
    counts = {day: _of_day(day, 150, 20) for day in days}
    of_versions = {(day, "v5"): v5 for day, (v5, _) in counts.items()}
    return of_versions | {(day, "v4"): v4 for day, (_, v4) in counts.items()}


def _of_day(day: date, many: int, few: int) -> tuple[int, int]:
    """Return two counts that go up and down with the days of the week."""
    quiet = 3 if day.weekday() >= 5 else 1
    wave = day.toordinal() * 37 % 50
    return (many + 3 * wave) // quiet, (few + wave) // quiet
