"""However a story's records are batched, no department hears before the heads and the speakers (R0.8, D3.8)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notifications.domain.telling import Progress, Why, is_over
from shared.contracts.envelope import person_key, read_envelope
from shared.contracts.membership import HeadshipBegan, PersonRecorded
from shared.messaging.cause import new_id
from shared.messaging.order import people_first
from shared.messaging.outbox import Unsent
from shared.messaging.records import Record
from tests.store.notifications.conftest import WARWICKSHIRE, key_of, outcome, school
from tests.store.notifications.post import Post
from tests.store.notifications.test_informing import FELL, HEADS, took_office

IMPROVEMENT = "school-improvement"
_numbers = itertools.count(400_000)


def marked(*records: Record) -> list[Record]:
    """As one transaction of the producer would have written them."""
    unsent = [Unsent(record.topic, record.key or "", read_envelope(record.headers), record.value) for record in records]
    return [
        Record(
            record.topic, 0, record.offset, record.key, record.value,
            [(name, value.encode()) for name, value in written.envelope.headers()],
        )
        for record, written in zip(records, people_first(unsent), strict=True)
    ]  # fmt: skip


@dataclass
class Story:
    """A chair takes office, and speaks for two schools whose heads are to hear of it first."""

    post: Post
    id: UUID = field(default_factory=new_id)
    urns: list[str] = field(default_factory=lambda: [str(next(_numbers)) for _ in range(2)])
    heads: list[UUID] = field(default_factory=lambda: [uuid4(), uuid4()])

    async def begins(self) -> None:
        record_of = self.post.notifications.record_of
        records = []
        for urn, head in zip(self.urns, self.heads, strict=True):
            person = PersonRecorded(person_id=head, name="Invented", email=self.address(head), telephone=None)
            records += [
                record_of(school(urn), key_of(urn)),
                record_of(HeadshipBegan(urn=urn, person_id=head, from_date=date(2020, 9, 1)), key_of(urn)),
                record_of(person, person_key(WARWICKSHIRE, head)),
            ]
        await self.post.notifications.reads(*records)

    @staticmethod
    def address(head: UUID) -> str:
        return f"{head}@school.example"

    def records(self) -> list[Record]:
        record_of = self.post.notifications.record_of
        first, second = self.urns
        return marked(
            record_of(took_office(), HEADS, story=self.id),
            record_of(outcome(first, number=first), key_of(first), story=self.id),
            self.post.reassigned(first, story=self.id, before=None, after=None),
            record_of(FELL.model_copy(update={"urn": second}), key_of(second), story=self.id),
            self.post.reassigned(second, story=self.id, before=None, after=None),
        )

    async def told(self) -> list[str]:
        """Departments and feed, in order."""
        given = [
            each.thing
            for each in await self.post.notifications.topic(IMPROVEMENT)
            if each.envelope.correlation_id == self.id
        ]
        entries = await self.post.notifications.rows("select 1 from feed_entry where data like $1", f"%{self.urns[0]}%")
        return given + ["feed"] * len(entries)

    def wrote_to_all_heads(self) -> bool:
        return {self.address(head) for head in self.heads} <= set(self.post.server.receivers)


async def in_batches(post: Post, batches: Sequence[Sequence[int]]) -> None:
    story = Story(post)
    await story.begins()
    records = story.records()
    for batch in batches:
        await post.notifications.reads(*(records[each] for each in batch))
        assert not await story.told() or story.wrote_to_all_heads(), batches
        await post.delivers()
        assert not await story.told() or story.wrote_to_all_heads(), batches
    assert sorted(await story.told()) == [
        *("category-in-force.changed", "feed", "office.taken-up", "outcome.published"),
        *("representation.reassigned", "representation.reassigned"),
    ], batches
    assert await post.notifications.rows("select 1 from held") == []


def splits(order: Sequence[int], cuts: Sequence[bool]) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for each, cut in zip(order, [False, *cuts], strict=True):
        if cut:
            batches.append([])
        batches[-1].append(each)
    return batches


@pytest.mark.parametrize("at", range(1, 5))
async def test_a_story_that_comes_in_two_batches_reaches_no_department_before_the_heads_mail(post: Post, at: int):
    """R0.8"""
    await in_batches(post, [range(at), range(at, 5)])


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.permutations(range(5)), cuts=st.lists(st.booleans(), min_size=4, max_size=4))
async def test_in_any_batches_and_any_order_of_the_keys_the_heads_hear_first(
    post: Post, order: list[int], cuts: list[bool]
):
    """R0.8, D3.2: each key has an order of its own; of several there is none."""
    first, second = iter([1, 2]), iter([3, 4])
    of_key = {1: first, 2: first, 3: second, 4: second}
    await in_batches(post, splits([next(of_key[each]) if each in of_key else each for each in order], cuts))


async def test_what_another_service_made_of_it_waits_for_the_heads_too(post: Post):
    """R0.8: it may be read before the change that it follows."""
    story = Story(post)
    await story.begins()
    records = story.records()
    mark = read_envelope(records[2].headers).people_first
    assert mark is not None
    follows = post.notifications.record_of(outcome("499999", number="9"), key_of("499999"), story=story.id)
    follows = Record(
        follows.topic, 0, follows.offset, follows.key, follows.value,
        [*follows.headers, ("ce_peoplefirst", mark.encode())],
    )  # fmt: skip
    await post.notifications.reads(follows)
    await post.delivers()
    assert await story.told() == []
    await post.notifications.reads(*records)
    await post.delivers()
    assert len(await story.told()) == 7


async def test_what_never_comes_keeps_departments_waiting_a_quarter_of_an_hour_and_no_longer(post: Post):
    """D3.8"""
    story = Story(post)
    await story.begins()
    await post.notifications.reads(story.records()[0])
    await post.delivers()
    assert await story.told() == []
    for _ in range(2):
        await post.notifications.rows("update gate set stage_since = stage_since - interval '15 minutes 1 second'")
        await post.delivers()
    assert await story.told() == ["office.taken-up"]
    assert await post.openings(story.id) == [(2, "without-it"), (3, "without-it"), (4, "told")]


async def test_no_department_is_given_the_number_of_those_who_are_told(post: Post):
    """R0.8"""
    story = Story(post)
    await story.begins()
    await post.notifications.reads(*story.records())
    await post.delivers()
    given = [e for e in await post.notifications.published() if e.topic.startswith("consortia.937.")]
    assert given
    assert all(each.envelope.people_first is None for each in given)


def test_a_stage_is_not_over_while_more_may_have_to_be_told():
    assert is_over(Progress(sent=1, unread=True)) is None
    assert is_over(Progress(sent=1, unread=True, out_of_patience=True)) is Why.PATIENCE
