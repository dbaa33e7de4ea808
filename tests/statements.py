"""Counting the statements that a store runs: the same on every machine, so a promise about cost can be tested."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shared.store import Store


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Every statement from here to the end of the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("notify"):  # wakes a relay elsewhere, at a moment of its own
            seen.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)
