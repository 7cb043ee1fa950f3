# SPDX-License-Identifier: MPL-2.0

import pytest
from tests.symbolication.conftest import XUL, Store, one_job, result

from tecken.symbolication.gauges import measure_memory, node_samples
from tecken.web import metrics
from tecken.web.gauges import measure_process
from tecken.web.metric_values import TALLIES


def gauges() -> dict[str, float]:
    return {"|".join(key): cells[0] for key, cells in TALLIES.totals().items()}


@pytest.mark.usefixtures("fresh_services")
def test_without_a_request_there_are_no_tables() -> None:
    measure_memory()
    assert gauges()[metrics.MEMORY_TABLES.key] == 0
    assert gauges()[metrics.MEMORY_BYTES.key] == 0


@pytest.mark.django_db
def test_tables_in_memory_and_pauses_are_measured(xul: Store) -> None:
    result(one_job([XUL], [[0, 0x1000]]))
    measure_process()
    assert gauges()[metrics.MEMORY_TABLES.key] == 1
    assert gauges()[metrics.MEMORY_BYTES.key] > 100
    assert gauges()[f"{metrics.SOURCES_PAUSED.key}|{xul.first.name}"] == 0


@pytest.mark.django_db
def test_the_folder_of_the_node_is_measured(symbols: Store) -> None:
    symbols.put_by_hand(
        XUL, b"MODULE windows x86_64 %s xul.pdb\nFUNC 10 10 0 f\n" % XUL[1].encode()
    )
    before = {sample.gauge.key: sample.value for sample in node_samples()}
    result(one_job([XUL], [[0, 0x10]]))
    after = {sample.gauge.key: sample.value for sample in node_samples()}
    assert before[metrics.NODE_BYTES.key] == 0 < after[metrics.NODE_BYTES.key]
    assert before[metrics.NODE_MAX_BYTES.key] == after[metrics.NODE_MAX_BYTES.key] > 1_000_000
