# SPDX-License-Identifier: MPL-2.0

"""A node, and a bucket that it looks into."""

from pathlib import Path

import pytest
from tests.support.supplied_nodes import Node

from tecken.core.storage.sources import Source


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.fixture
def source(node: Node) -> Source:
    return node.add_source("symbols")
