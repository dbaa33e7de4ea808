"""A school that passes to another authority (counties are divided): its facts are numbered from 1 again, and each counts.

Oak is Warwickshire's, and then Bristol's, which begins its own numbers under its own key (D3.2).
"""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from services.meetings.domain.area_lists import schools_in_category_3_or_4
from services.meetings.inbound import INBOUND
from services.meetings.store import queries
from shared.contracts.membership import (
    CategoryInForceChanged,
    Grades,
    HistoryCorrected,
    LaCategoryLifted,
    LaCategorySet,
    OutcomePublished,
)
from shared.messaging.inbox import Inbox
from shared.messaging.records import Record
from tests.eventually import eventually
from tests.store.meetings.conftest import (
    BRISTOL,
    BRISTOL_GROUP,
    FEBRUARY,
    JANUARY,
    MARCH,
    OAK,
    WARWICKSHIRE,
    Meetings,
    body,
    chair,
    duty_desk,
    reassigned,
    school,
    system_leader,
    told,
)

SOUTH = "South Bristol"
ENTRY, LATER_ENTRY = UUID(int=77), UUID(int=78)


def changed(before: int | None, after: int | None, because: str = "outcome", ref: str = "1") -> CategoryInForceChanged:
    return CategoryInForceChanged(
        urn=OAK,
        before=before,
        after=after,
        on=FEBRUARY,
        policy="ofsted",
        policy_version=1,
        because=because,
        because_ref=ref,
    )


def published(before: int | None, after: int | None) -> OutcomePublished:
    return OutcomePublished(
        urn=OAK,
        school_name="Oak",
        authority=BRISTOL,
        region="South West",
        inspection_number="1",
        kind="graded",
        inspection_started_on=JANUARY,
        published_on=FEBRUARY,
        grades=Grades(),
        public_category_before=before,
        public_category_after=after,
        public_role_before=None,
        public_role_after=None,
    )


def entered(entry: UUID, category: int) -> LaCategorySet:
    return LaCategorySet(urn=OAK, entry_id=entry, category=category, from_date=FEBRUARY, review_on=MARCH)


def lifted(entry: UUID) -> LaCategoryLifted:
    return LaCategoryLifted(urn=OAK, entry_id=entry, lifted_on=FEBRUARY)


@pytest.fixture
async def bristol(warwickshire: Meetings) -> Meetings:
    """Bristol has an Area Analysis Group, for once."""
    await warwickshire.hears(
        JANUARY,
        body(BRISTOL_GROUP, "area-analysis-group", "South Bristol Area Analysis Group", area=SOUTH, authority=BRISTOL),
        authority=BRISTOL,
    )
    return warwickshire


async def listed(meetings: Meetings, *, school_improvement: bool) -> list[int | None]:
    """With which category Oak is on the list of its area, where it is Bristol's now."""
    async with meetings.store.unit() as uow:
        facts = await queries.categories_in(uow, BRISTOL, [SOUTH])
    return [each.category for each in schools_in_category_3_or_4(facts, school_improvement=school_improvement)]


async def goes_over(meetings: Meetings) -> list[Record]:
    return await meetings.hears(FEBRUARY, school(OAK, area=SOUTH, authority=BRISTOL), authority=BRISTOL)


async def both_list(meetings: Meetings, *categories: int) -> bool:
    return [await listed(meetings, school_improvement=each) for each in (True, False)] == [list(categories)] * 2


async def test_a_category_that_the_new_authority_tells_under_a_number_that_the_old_one_used_is_listed(
    bristol: Meetings,
) -> None:
    """D3.2, I1: Warwickshire's second number of Oak said 2, Bristol's second says 4."""
    await bristol.hears(JANUARY, changed(1, 2))
    await goes_over(bristol)
    await bristol.hears(FEBRUARY, changed(2, 4), authority=BRISTOL)
    assert await both_list(bristol, 4)


async def test_what_the_new_authority_tells_comes_after_the_higher_numbers_of_the_old_one(bristol: Meetings) -> None:
    """I3: Warwickshire got as far as number 6."""
    await bristol.hears(JANUARY, changed(None, 2), changed(2, 3), changed(3, 2), changed(2, 3), changed(3, 4))
    await goes_over(bristol)
    assert await both_list(bristol, 4)
    await bristol.hears(FEBRUARY, changed(4, 3), authority=BRISTOL)
    assert await both_list(bristol, 3)
    await bristol.hears(FEBRUARY, changed(3, 2), authority=BRISTOL)
    assert await both_list(bristol)


async def test_a_school_that_comes_back_goes_on_where_its_authority_had_stopped(bristol: Meetings) -> None:
    """I3: a school given away by mistake. Bristol's number 4 lies between Warwickshire's 2 and 3."""
    await bristol.hears(JANUARY, changed(1, 2))
    await goes_over(bristol)
    await bristol.hears(FEBRUARY, changed(2, 3), changed(3, 2), changed(2, 4), authority=BRISTOL)
    await bristol.hears(FEBRUARY, changed(4, 3))
    assert await both_list(bristol, 3)


async def test_published_outcomes_and_entries_of_both_authorities_are_known_to_members_in_the_order_of_their_telling(
    bristol: Meetings,
) -> None:
    """R0.8: an outcome under the old authority, an entry of the new one that is told, lifted, and an outcome again."""
    for number in range(6):
        await bristol.hears(JANUARY, published(2, 2 + number % 2))
    await goes_over(bristol)
    await bristol.hears(FEBRUARY, entered(ENTRY, 4), changed(3, 4, "la-category", str(ENTRY)), authority=BRISTOL)
    assert await both_list(bristol, 4)
    await bristol.hears(FEBRUARY, lifted(ENTRY), changed(4, 2, "la-category", str(ENTRY)), authority=BRISTOL)
    assert await both_list(bristol)
    await bristol.hears(FEBRUARY, published(2, 3), changed(2, 3), authority=BRISTOL)
    assert await both_list(bristol, 3)


async def test_an_entry_of_the_old_authority_that_the_new_one_lifts_counts_no_more(bristol: Meetings) -> None:
    """I3: the lifting has a lower number than the entry."""
    await bristol.hears(JANUARY, changed(None, 2), changed(2, 1), changed(1, 2))
    await bristol.hears(JANUARY, entered(ENTRY, 4), changed(2, 4, "la-category", str(ENTRY)))
    await goes_over(bristol)
    assert await both_list(bristol, 4)
    await bristol.hears(FEBRUARY, lifted(ENTRY), changed(4, 2, "la-category", str(ENTRY)), authority=BRISTOL)
    assert await both_list(bristol)


async def test_a_new_speaker_under_the_new_authority_is_a_matter_for_its_group(bristol: Meetings) -> None:
    """W-25, I1: the number was used by a change of speaker that is long undone."""
    await bristol.hears(JANUARY, reassigned(OAK, chair(), system_leader()), reassigned(OAK, system_leader(), chair()))
    await goes_over(bristol)
    meeting = await bristol.meets(MARCH, BRISTOL_GROUP)
    await bristol.hears(FEBRUARY, reassigned(OAK, chair(), duty_desk()), authority=BRISTOL)
    assert await bristol.agenda(meeting) == [OAK]
    await bristol.hears(FEBRUARY, reassigned(OAK, duty_desk(), chair()), authority=BRISTOL)
    assert await bristol.agenda(meeting) == []


async def test_a_change_of_speaker_under_the_new_authority_that_comes_twice_is_kept_once(bristol: Meetings) -> None:
    """I2"""
    await goes_over(bristol)
    records = await bristol.hears(FEBRUARY, reassigned(OAK, chair(), duty_desk()), authority=BRISTOL)
    await bristol.takes(records)
    assert len(await bristol.rows("select 1 from speaker_change")) == 1


async def test_a_correction_that_the_new_authority_tells_is_shown_beside_those_of_the_old_one(
    bristol: Meetings,
) -> None:
    """D3.10"""
    past = await bristol.meets(FEBRUARY, BRISTOL_GROUP)

    def corrected(what: str) -> HistoryCorrected:
        return HistoryCorrected(urn=OAK, what=what, from_date=JANUARY, until=MARCH)

    await bristol.hears(MARCH, corrected("category-in-force"))
    await goes_over(bristol)
    await bristol.hears(MARCH, corrected("representation"), authority=BRISTOL)
    async with bristol.store.unit() as uow:
        shown = [each["what"] for each in await queries.corrected_since(uow, past)]
    assert shown == ["category-in-force", "representation"]


async def test_in_whatever_order_the_two_keys_are_read_the_lists_are_the_same(bristol: Meetings) -> None:
    """I7: the keys lie in two partitions, and a rebuild reads the one to its end before the other."""
    old = await _numbered(bristol, "937", changed(None, 2), changed(2, 3), published(3, 4), changed(3, 4))
    await goes_over(bristol)
    new = await _numbered(bristol, BRISTOL, entered(ENTRY, 2), changed(4, 2, "la-category", str(ENTRY)))
    new += await _numbered(bristol, BRISTOL, entered(LATER_ENTRY, 3), changed(2, 3, "la-category", str(LATER_ENTRY)))
    for records in (new + old, old + new, _mixed(old, new)):
        await _forget(bristol)
        await bristol.takes(records)
        assert await both_list(bristol, 3)


@pytest.mark.parametrize("new_first", [True, False])
async def test_what_the_school_is_told_of_under_its_new_authority_is_known_whichever_key_is_read_first(
    bristol: Meetings, new_first: bool
) -> None:
    """R0.8, I7: its fall was held back in Warwickshire, and it is told of it in Bristol."""
    story = uuid4()
    meeting = await bristol.meets(MARCH, BRISTOL_GROUP)
    await goes_over(bristol)
    held = _held_back(bristol, story)
    then = await _numbered(bristol, BRISTOL, told(OAK, story, on=FEBRUARY))
    for records in (then, held) if new_first else (held, then):
        await bristol.takes(records)
    assert await both_list(bristol, 4)
    assert await bristol.agenda(meeting) == [OAK]


async def test_the_telling_and_what_it_lets_go_do_not_miss_each_other_where_both_are_read_at_one_moment(
    bristol: Meetings,
) -> None:
    """R0.8, I1: two replicas read the two partitions."""
    story = uuid4()
    meeting = await bristol.meets(MARCH, BRISTOL_GROUP)
    await goes_over(bristol)
    held = _held_back(bristol, story)
    then = await _numbered(bristol, BRISTOL, told(OAK, story, on=FEBRUARY))
    async with bristol.store.unit() as uow:
        await Inbox(INBOUND, "meetings").take(then, uow)
        other = asyncio.create_task(bristol.takes(held))
        await eventually(lambda: bristol.somebody_waits(other))
    await other
    assert await both_list(bristol, 4)
    assert await bristol.agenda(meeting) == [OAK]


async def test_what_the_same_story_brings_after_the_school_was_told_stays_held_back(bristol: Meetings) -> None:
    """R0.8"""
    story = uuid4()
    await goes_over(bristol)
    meeting = await bristol.meets(MARCH, BRISTOL_GROUP)
    await bristol.hears(FEBRUARY, told(OAK, story, on=FEBRUARY), authority=BRISTOL)
    fell = (entered(ENTRY, 4), changed(2, 4, "la-category", str(ENTRY)), reassigned(OAK, chair(), duty_desk()))
    await bristol.hears(FEBRUARY, *fell, authority=BRISTOL, told=False, story=story)
    assert await listed(bristol, school_improvement=False) == []
    assert await bristol.agenda(meeting) == []


async def test_the_release_before_goes_on_writing_while_the_next_one_comes(bristol: Meetings) -> None:
    """A rolling upgrade: its statements name no authority, and what they say comes after what was told before."""
    await bristol.hears(JANUARY, changed(None, 2))
    await goes_over(bristol)
    for sequence, category in ((7, 3), (8, 4)):
        await bristol.rows(
            """
            insert into category_change
                (urn, epoch, sequence, category, since, correlation_id, told, because, because_ref)
            select * from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::date[], $6::uuid[], $7::bool[],
                $8::text[], $9::text[])
            on conflict do nothing
            """,
            [OAK],
            [1],
            [sequence],
            [category],
            [FEBRUARY],
            [uuid4()],
            [True],
            ["outcome"],
            ["1"],
        )
    assert await both_list(bristol, 4)
    await bristol.hears(FEBRUARY, changed(4, 3), authority=BRISTOL)
    assert await both_list(bristol, 3)


def _held_back(meetings: Meetings, story: UUID) -> list[Record]:
    """Oak's fall in Warwickshire, of which it is to be told."""
    fell = (entered(ENTRY, 4), changed(2, 4, "la-category", str(ENTRY)), reassigned(OAK, chair(), duty_desk()))
    return [meetings.record_of(FEBRUARY, fact, WARWICKSHIRE, False, story) for fact in fell]


async def _numbered(meetings: Meetings, authority: str, *facts: object) -> list[Record]:
    """As records that nobody has read yet."""
    return [meetings.record_of(FEBRUARY, fact, authority, True, uuid4()) for fact in facts]  # type: ignore[arg-type]


def _mixed(*keys: Sequence[Record]) -> list[Record]:
    """Shuffled, each key in its own order."""
    left = [list(records) for records in keys]
    chosen = random.Random(7)
    mixed = []
    while any(left):
        mixed.append(chosen.choice([records for records in left if records]).pop(0))
    return mixed


async def _forget(meetings: Meetings) -> None:
    """To read them from the beginning, as a rebuild does; only the school is known."""
    async with meetings.store.unit() as uow:
        for table in ("category_change", "public_category", "la_entry_news"):
            await uow.execute(f"delete from {table}")
        await uow.execute("update inbox_key set sequence = 1 where key like '%/school/%'")
