"""A process that has more to do than connections waits, and goes on; it does not end (D3.8)."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.service import _forever
from shared.web.problems import of_unexpected


async def _run(failing: type[Exception]) -> int:
    context: Any = SimpleNamespace(stopping=asyncio.Event())
    begun = 0

    async def worker(_: Any) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise failing("QueuePool limit reached")
        context.stopping.set()

    await _forever(worker, context)
    return begun


async def test_a_worker_that_found_no_connection_free_begins_again() -> None:
    """I10: all requests under way would go with the process."""
    assert await _run(PoolTimeout) == 2


async def test_a_mistake_in_a_worker_still_ends_it() -> None:
    with pytest.raises(ValueError):
        await _run(ValueError)


def test_a_request_that_found_no_connection_free_may_come_again() -> None:
    answer = of_unexpected(PoolTimeout("QueuePool limit reached"))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert "too much to do" in json.loads(bytes(answer.body))["detail"]
