"""The queue of what schools were not told yet (R0.8)."""

from datetime import date

from services.membership.store.withheld import waiting_in
from tests.store.membership.conftest import Authority
from tests.store.membership.test_told import SCHOOL, plan_entry, tell

DAY = date(2024, 3, 1)


async def urns(abbey: Authority, authority: str = "937") -> list[str]:
    return [row.urn for row in await abbey.do(lambda uow: waiting_in(uow, authority))]


async def test_the_queue_lists_each_change_until_its_school_was_told(abbey: Authority) -> None:
    await abbey.on(DAY)
    assert await urns(abbey) == []
    await plan_entry(abbey, on=DAY)
    await plan_entry(abbey, "900003", on=DAY)
    assert await urns(abbey) == [SCHOOL, "900003"]
    assert await urns(abbey, "801") == []
    await tell(abbey, DAY)
    assert await urns(abbey) == ["900003"]
