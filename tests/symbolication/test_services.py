# SPDX-License-Identifier: MPL-2.0

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tecken.core.table_suppliers import Supplier
from tecken.symbolication import services

pytestmark = pytest.mark.both_forms

THREADS = 8


@pytest.mark.usefixtures("fresh_services")
def test_the_first_requests_of_a_process_share_one_supplier() -> None:
    together = threading.Barrier(THREADS)

    def come(_number: int) -> Supplier:
        together.wait(30)
        return services.supplier_for([])

    with ThreadPoolExecutor(THREADS) as threads:
        suppliers = list(threads.map(come, range(THREADS)))
    assert len({id(supplier._memory) for supplier in suppliers}) == 1
