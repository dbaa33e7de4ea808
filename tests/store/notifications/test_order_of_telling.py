"""Head, then old and new speaker, then departments, then the feed; no later record overtakes a held one (R0.8, D3.8, D3.2)."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from services.notifications.domain.telling import Stage
from shared.contracts.membership import SchoolRecorded
from shared.messaging.cause import new_id
from shared.messaging.records import Record
from tests.eventually import eventually
from tests.store.notifications.conftest import DAY, OAK, id_of, key_of, outcome, school
from tests.store.notifications.post import ADDRESSES, CHAIR, HEAD, LEADER, Post
from tests.store.notifications.test_informing import FELL, HEADS, took_office

IMPROVEMENT = "school-improvement"


def fall(post: Post, story: UUID, urn: str = OAK, number: str = "10296001") -> list[Record]:
    """An outcome, the fall of the category and the new speaker: three records of one key and story."""
    return [
        post.notifications.record_of(outcome(urn, number=number), key_of(urn), story=story),
        post.notifications.record_of(FELL.model_copy(update={"urn": urn}), key_of(urn), story=story),
        post.reassigned(urn, story=story),
    ]


async def things(post: Post, department: str = IMPROVEMENT) -> list[str]:
    return [each.thing for each in await post.notifications.topic(department) if each.key == key_of()][1:]


async def entries(post: Post) -> int:
    return len(await post.notifications.rows("select 1 from feed_entry"))


async def test_departments_and_feed_hear_only_when_head_and_speakers_were_written_to(post: Post):
    """R0.8: in this order, each step seen."""
    story = new_id()
    await post.notifications.reads(*fall(post, story))
    messenger = post.messenger(message_retry_seconds="3600")
    post.server.answer_data = lambda mail: "250 OK" if mail["To"] == ADDRESSES[HEAD] else "451 later"
    assert (await things(post), await entries(post)) == ([], 0)

    await messenger.look()  # gathers the head's mail, and no other
    await messenger.settle()
    assert post.server.receivers == [ADDRESSES[HEAD]]
    assert (await things(post), await entries(post)) == ([], 0)

    await post.delivers(messenger)
    assert len(post.server.seen) == 3  # both speakers' mails were handed over, and not accepted
    assert (await things(post), await entries(post)) == ([], 0)

    post.server.answer_data = lambda mail: "250 OK"
    await post.notifications.rows("update letter set due_at = clock_timestamp()")
    await post.delivers(messenger)
    assert set(post.server.receivers[1:]) == {ADDRESSES[CHAIR], ADDRESSES[LEADER]}
    assert await things(post) == ["outcome.published", "category-in-force.changed", "representation.reassigned"]
    assert await entries(post) == 1
    assert await post.openings(story) == [(2, "told"), (3, "told"), (4, "told")]
    assert await post.notifications.rows("select 1 from held") == []


async def test_the_feed_follows_the_departments_in_a_transaction_of_its_own(post: Post):
    """R0.8: at the departments' stage their copies are committed and the feed's entry is not."""
    await post.notifications.reads(*fall(post, new_id()))
    messenger = post.messenger()
    for _ in range(20):
        await messenger.store.run(messenger._gather)
        for letter in await messenger.store.run(_due):
            messenger._sending[letter.id] = asyncio.create_task(messenger._send(letter))
        await messenger.settle()
        if await things(post):
            break
        await messenger.store.run(messenger._advance)
    assert await entries(post) == 0
    await messenger.store.run(messenger._advance)
    assert await entries(post) == 1


async def test_with_nobody_to_tell_nothing_waits(post: Post):
    """R0.8: a story without another speaker, and one whose speakers are desks and whose head is not known."""
    story = new_id()
    await post.notifications.reads(
        post.notifications.record_of(outcome(), key_of(), story=story),
        post.notifications.record_of(FELL, key_of(), story=story),
    )
    await post.notifications.reads(
        post.notifications.record_of(outcome("200001", number="2"), key_of("200001")),
        post.reassigned("200001", before=None, after=None),
    )
    assert await entries(post) == 2
    assert await post.notifications.rows("select 1 from held") == []
    assert not await post.messenger().look()


async def test_a_mail_that_waits_by_rule_keeps_no_department_waiting(post: Post):
    """R0.9: a Saturday; the record says why the departments knew before the head had her e-mail."""
    await post.today(DAY + timedelta(days=5))
    story = new_id()
    await post.notifications.reads(*fall(post, story))
    assert len(await things(post)) == 3
    assert await entries(post) == 1
    assert await post.openings(story) == [(2, "waits-by-rule"), (3, "waits-by-rule"), (4, "told")]


async def test_a_head_who_cannot_be_reached_at_all_keeps_nobody_waiting(post: Post):
    post.server.answer_rcpt = lambda address: "550 no" if address == ADDRESSES[HEAD] else "250 OK"
    story = new_id()
    await post.notifications.reads(*fall(post, story))
    await post.delivers()
    assert len(await things(post)) == 3
    assert await post.openings(story) == [(2, "cannot-be-delivered"), (3, "told"), (4, "told")]


async def test_after_fifteen_minutes_a_stage_opens_without_the_one_before_and_says_so(post: Post):
    """D3.8: the mail server is away. The patience is a setting, so nobody waits for it here."""
    await post.server.stop()
    story = new_id()
    await post.notifications.reads(*fall(post, story))
    later = ",".join(["3600"] * 5)
    await post.delivers(post.messenger(message_retry_seconds=later))
    assert await things(post) == []
    assert await post.openings(story) == []
    await post.notifications.rows("update gate set stage_since = stage_since - interval '15 minutes 1 second'")
    await post.notifications.rows("update letter set made_at = made_at - interval '15 minutes 1 second'")
    await post.delivers(post.messenger(message_retry_seconds=later))
    assert await post.openings(story) == [(2, "without-it")]
    await post.notifications.rows("update gate set stage_since = stage_since - interval '15 minutes 1 second'")
    await post.delivers(post.messenger(message_retry_seconds=later))
    assert await post.openings(story) == [(2, "without-it"), (3, "without-it"), (4, "told")]
    assert (len(await things(post)), await entries(post)) == (3, 1)


async def test_a_later_record_of_the_key_does_not_overtake_a_held_one(post: Post):
    """D3.2: of another story that waits for nobody, for the same department; other keys are free."""
    story = new_id()
    later = school().model_copy(update={"name": "Renamed"})
    await post.notifications.reads(*fall(post, story))
    await post.notifications.reads(
        post.notifications.record_of(later, key_of()), post.notifications.record_of(took_office(), HEADS)
    )
    await post.notifications.reads(post.notifications.record_of(outcome(number="7"), key_of()))
    assert await things(post) == []
    assert [each.thing for each in await post.notifications.topic(IMPROVEMENT)][-1] == "office.taken-up"
    await post.delivers()
    assert await things(post) == [
        "outcome.published",
        "category-in-force.changed",
        "representation.reassigned",
        "school.recorded",
        "outcome.published",
    ]
    numbers = await post.notifications.rows("select data from feed_entry order by number")
    assert ['"10296001"' in row.data for row in numbers] == [True, False]


async def test_a_story_that_is_free_stays_behind_one_that_is_not(post: Post):
    """D3.2: two stories of one key, the second told first."""
    first, second = new_id(), new_id()
    await post.notifications.reads(*fall(post, first))
    await post.notifications.reads(*fall(post, second, number="2"))
    # The second story is through in its own right while the first still waits.
    await post.notifications.rows("update gate set stage = 4 where correlation_id = $1", second)
    await post.notifications.store.run(lambda uow: _released(uow, second))
    assert await things(post) == []
    await post.delivers()
    stories = [
        each.envelope.correlation_id for each in await post.notifications.topic(IMPROVEMENT) if each.key == key_of()
    ]
    assert stories[1:] == [first] * 3 + [second] * 3


async def test_what_waits_for_the_school_holds_back_what_follows_it_for_the_same_department(post: Post):
    """D3.2, R0.8: the gate "school told" keeps the order of a key too."""
    untold = post.notifications.record_of(took_office(1), HEADS, told=False, story=(story := new_id()))
    free = post.notifications.record_of(took_office(2), HEADS)
    await post.notifications.reads(untold)
    await post.notifications.reads(free)
    assert await post.notifications.topic("governance") == []
    assert len([e for e in await post.notifications.topic(IMPROVEMENT) if e.key == HEADS]) == 2
    await post.notifications.reads(post.school_told(story))
    assert [each.envelope.id for each in await post.notifications.topic("governance")] == [id_of(untold), id_of(free)]


async def test_a_published_outcome_waits_for_no_officer_though_its_new_speaker_does(post: Post):
    """R0.8: a published outcome needs no gate, and its time in the feed must not tell that something is held."""
    story = new_id()
    await post.notifications.reads(
        post.notifications.record_of(outcome(), key_of(), story=story), post.reassigned(story=story, told=False)
    )
    assert await entries(post) == 1
    assert await post.delivers() == []


async def test_a_further_school_of_the_same_story_begins_the_order_again(post: Post):
    """A change of chair concerns many schools, whose records come in more than one batch."""
    story = new_id()
    await post.notifications.reads(post.reassigned(story=story))
    await post.delivers()
    await post.notifications.reads(post.reassigned("200001", story=story, after=HEAD))
    assert await post.notifications.rows("select 1 from held") == []  # her week is not over: it waits by rule
    await post.today(DAY + timedelta(days=7))
    assert ADDRESSES[HEAD] in await post.delivers()


@pytest.mark.parametrize("attempt", range(4))
async def test_readers_and_the_opener_at_the_same_moment_lose_nothing_and_keep_the_order(post: Post, attempt: int):
    """D3.2, D3.8: records keep coming under keys whose stories are being opened."""
    urns = [str(300000 + number) for number in range(6)]
    await post.notifications.reads(*(post.notifications.record_of(school(urn), key_of(urn)) for urn in urns))
    expected: dict[str, list[UUID]] = {urn: [] for urn in urns}

    async def reading(urn: str) -> None:
        for number in range(4):
            records = fall(post, new_id(), urn, f"{urn}-{number}")
            records.append(post.notifications.record_of(_renamed(urn, number), key_of(urn)))
            expected[urn] += [id_of(each) for each in records]
            for record in records:
                await post.notifications.reads(record)

    async with post.working():
        await asyncio.gather(*(reading(urn) for urn in urns))
        await eventually(lambda: _nothing_held(post))
    for urn in urns:
        given = [e.envelope.id for e in await post.notifications.topic(IMPROVEMENT) if e.key == key_of(urn)]
        assert given[1:] == expected[urn]
    assert await entries(post) == 24


def test_every_stage_but_the_first_opens_after_another():
    assert [stage.value for stage in Stage] == [1, 2, 3, 4]


def _renamed(urn: str, number: int) -> SchoolRecorded:
    return school(urn).model_copy(update={"name": f"School {number}"})


async def _nothing_held(post: Post) -> bool:
    return not await post.notifications.rows("select 1 from held")


async def _due(uow):
    from services.notifications.store import letters

    return await letters.due((), (), uow)


async def _released(uow, story):
    from services.notifications.use_cases.pass_on import give_out

    await give_out([story], uow)
