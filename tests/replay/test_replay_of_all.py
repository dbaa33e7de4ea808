"""All of it live, from the first known publication in 2006 on: no take-on, every outcome news on its day."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from infra.demo.outcomes import published
from infra.demo.replay import Day, Replay
from tests.conftest import Databases
from tests.replay import oracle
from tests.replay.conftest import started


@pytest.mark.timeout(240)
async def test_lived_through_from_2006_every_school_ends_in_the_same_category(
    databases: Databases, tmp_path: Path
) -> None:
    """R0.1, D3.10: what is in force doesn't depend on whether an outcome was taken on or lived through."""
    days = list(published())
    async with started(databases, tmp_path) as membership:
        replay = Replay(membership.consortia)
        await membership.consortia.set_clock(days[0][0] - timedelta(days=1))
        await replay.registers()
        for on, outcomes in days:
            await replay.live(on, Day(outcomes=outcomes))
        found = {urn: await membership.category(urn) for urn in oracle.management_information()}
        assert found == {urn: oracle.expected(urn).category for urn in found}
        async with membership.store.unit() as uow:
            first = await uow.value(
                "select min(convert_from(value, 'UTF8')::jsonb ->> 'published_on') from outbox "
                "where headers like '%.outcome.published.v1%'"
            )
        assert date.fromisoformat(first) == days[0][0]
