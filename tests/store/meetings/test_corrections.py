"""Only the past changed: kept, shown beside what was said then, and never acted on (D3.10)."""

from datetime import date
from uuid import uuid4

from shared.contracts.membership import HistoryCorrected
from tests.store.meetings.conftest import (
    APRIL,
    ELM,
    FEBRUARY,
    JANUARY,
    MARCH,
    OAK,
    Meetings,
    chair,
    reassigned,
    school,
    system_leader,
    takes_the_chair,
    told,
)
from tests.store.meetings.test_api import HEAD, OFFICER, Ask, ask  # noqa: F401  (a fixture)


def corrected(urn: str, from_date: date, until: date, what: str = "category-in-force") -> HistoryCorrected:
    return HistoryCorrected(urn=urn, what=what, from_date=from_date, until=until)


async def test_a_correction_of_the_past_places_no_item_and_tells_nobody(warwickshire: Meetings) -> None:
    """D3.10"""
    await warwickshire.meets(MARCH)
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY))
    before = await warwickshire.things_published()
    for what in ("category-in-force", "representation"):
        for is_told in (True, False):
            await warwickshire.hears(FEBRUARY, corrected(OAK, JANUARY, FEBRUARY, what), told=is_told)
    assert await warwickshire.things_published() == before
    assert await warwickshire.rows("select 1 from agenda_item") == []
    assert await warwickshire.rows("select 1 from speaker_change") == []


async def test_a_correction_neither_moves_nor_withdraws_an_item_that_stands(warwickshire: Meetings) -> None:
    """D3.10"""
    meeting = await warwickshire.meets(MARCH)
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    placed = await warwickshire.things_published()
    story = uuid4()
    await warwickshire.hears(FEBRUARY, corrected(OAK, JANUARY, FEBRUARY), told=False, story=story)
    await warwickshire.hears(FEBRUARY, told(OAK, story, on=FEBRUARY))
    assert await warwickshire.agenda(meeting) == [OAK]
    assert await warwickshire.things_published() == placed


async def test_a_correction_that_comes_twice_is_kept_once(warwickshire: Meetings) -> None:
    records = await warwickshire.hears(FEBRUARY, corrected(OAK, JANUARY, FEBRUARY))
    await warwickshire.takes(records)
    kept = await warwickshire.rows("select urn, what, from_date, until, corrected_on from history_correction")
    assert [tuple(row) for row in kept] == [(OAK, "category-in-force", JANUARY, FEBRUARY, FEBRUARY)]


async def test_beside_the_agenda_of_a_past_meeting_stands_what_was_corrected_since(
    ask: Ask,  # noqa: F811
    warwickshire: Meetings,
) -> None:
    """D3.10: for school improvement; others see no line of it (R0.8)."""
    await warwickshire.hears(JANUARY, school(ELM, area="Rugby"))
    meeting = await warwickshire.meets(FEBRUARY)
    await warwickshire.today_is(APRIL)
    await warwickshire.hears(
        MARCH,
        corrected(OAK, JANUARY, MARCH),
        corrected(OAK, MARCH, APRIL),  # the meeting was before
        corrected(ELM, JANUARY, MARCH),  # another area's school
    )
    await warwickshire.hears(JANUARY, corrected(OAK, JANUARY, MARCH, "representation"))  # known when they met
    path = f"/meetings/{meeting.meeting_id}/agenda"
    assert [
        (each["urn"], each["what"], each["from_date"], each["until"], each["corrected_on"])
        for each in (await ask(path, OFFICER)).json()["corrected_since"]
    ] == [(OAK, "category-in-force", "2025-01-13", "2025-03-10", "2025-03-10")]
    assert "corrected_since" not in (await ask(path, HEAD)).json()
