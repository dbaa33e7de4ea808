"""A scene for each fault, on the servers of the test session."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scene import Scene
from tests.messaging.conftest import Side, own_topic, reader, shared_tables, side, writer

__all__ = ["own_topic", "reader", "shared_tables", "side", "writer"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def scene(writer: Side, reader: Side, own_topic: str, tmp_path: Path) -> Iterator[Scene]:
    seed = int(os.environ.get("SEED") or random.randrange(10_000))
    made = Scene(writer, reader, own_topic, tmp_path, seed)
    yield made
    made.end()
    for log in sorted(tmp_path.glob("*.log")):
        print(f"--- {log.name}\n{log.read_text()[-3000:]}")
