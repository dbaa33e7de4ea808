"""A gap that stands for more than a minute is called out, to the log and to whoever reads the metrics (D3.6)."""

import structlog

from shared import metrics
from shared.service import call_out_gaps
from shared.web.health import _measure
from tests.messaging.conftest import Side

GAP = """
    insert into parked (id, topic, partition, "offset", key, epoch, sequence, status, reason, headers, parked_at)
    values (gen_random_uuid(), 't', 0, $1, $2, 1, $3, $4, $4, '', clock_timestamp() - make_interval(secs => $5))
"""


async def test_a_gap_older_than_a_minute_is_called_out(reader: Side) -> None:
    await reader.store.run(lambda uow: uow.execute(GAP, 1, "937/school/1", 3, "gap", 61))
    with structlog.testing.capture_logs() as lines:
        assert await call_out_gaps(reader.store) >= 61
    assert [line["event"] for line in lines] == ["inbox.gap_stands"]
    await reader.store.run(lambda uow: _measure("gap-test", uow))
    assert metrics.GAP_AGE.labels("gap-test")._value.get() >= 61


async def test_a_gap_of_half_a_minute_may_still_fill_by_itself(reader: Side) -> None:
    await reader.store.run(lambda uow: uow.execute(GAP, 1, "937/school/1", 3, "gap", 30))
    with structlog.testing.capture_logs() as lines:
        await call_out_gaps(reader.store)
    assert lines == []


async def test_what_waits_behind_a_parked_message_is_no_gap(reader: Side) -> None:
    """The message at fault is called out already; discarding or retrying it drains the rest."""
    await reader.store.run(lambda uow: uow.execute(GAP, 1, "937/school/1", 3, "gap", 90))
    await reader.store.run(lambda uow: uow.execute(GAP, 2, "937/school/1", 2, "parked", 90))
    assert await call_out_gaps(reader.store) == 0
