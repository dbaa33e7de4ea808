"""The inbox on a real database: each record applied once and in order per key, whatever arrives."""

import pytest

from shared.contracts.envelope import unpack
from shared.contracts.membership import PEOPLE_TOPIC, LaCategorySet, PersonRecorded, SchoolRecorded
from shared.contracts.registry import type_of
from shared.messaging.cause import new_id
from shared.messaging.inbound import Inbound, Projection
from shared.messaging.inbox import Inbox, Record
from tests.messaging.conftest import Side
from tests.messaging.sample import TYPE, ByHand, Reader, category, fetch, noted, parked


class Taking:
    """A reader's inbox, fed by hand."""

    def __init__(self, side: Side, reader: Reader | None = None, inbound: Inbound | None = None):
        self.side = side
        self.reader = reader or Reader()
        self.inbox = Inbox(inbound or self.reader.inbound(), side.service)

    async def take(self, *records: Record) -> dict[str, int]:
        fates = await self.side.store.run(lambda uow: self.inbox.take(records, uow))
        return {fate: count for fate, count in fates.items() if count}


@pytest.fixture
def taking(reader: Side) -> Taking:
    return Taking(reader)


async def test_each_record_is_applied_once_however_often_it_comes(taking: Taking) -> None:
    """I2: in the same batch, in a later one, at another offset."""
    hand = ByHand()
    one, two = hand.record(1, 1, "a"), hand.record(1, 2, "b")
    again = Record(two.topic, 0, 77, two.key, two.value, two.headers)
    assert await taking.take(one, one, two, again) == {"applied": 2, "duplicate": 2}
    assert await taking.take(two, one, again) == {"duplicate": 3}
    assert await noted(taking.side.store) == {"1": ["a", "b"]}


async def test_a_batch_is_handled_in_waves_with_one_list_a_type(taking: Taking) -> None:
    """D3.6: wave n holds the n-th record of each key."""
    hand = ByHand()
    await taking.take(*(hand.record(urn, n, f"{urn}.{n}") for n in (1, 2) for urn in (1, 2, 3)))
    assert taking.reader.lists == [["1.1", "2.1", "3.1"], ["1.2", "2.2", "3.2"]]


async def test_a_record_after_a_gap_waits_and_is_drained_when_the_missing_one_comes(taking: Taking) -> None:
    """I3: the filler and all its followers in one transaction; other keys are not held up."""
    hand = ByHand()
    one, two, three, four = (hand.record(1, n, str(n)) for n in (1, 2, 3, 4))
    assert await taking.take(one, three, four, hand.record(2, 1, "other")) == {"applied": 2, "gap": 2}
    assert await parked(taking.side.store) == [("1", "gap", "gap"), ("1", "gap", "gap")]
    assert await taking.take(four) == {"duplicate": 1}
    assert await taking.take(two) == {"applied": 3}
    assert await noted(taking.side.store) == {"1": ["1", "2", "3", "4"], "2": ["other"]}
    assert await parked(taking.side.store) == []
    (row,) = await fetch(taking.side.store, "select sequence, held from inbox_key where key like '%/1'")
    assert tuple(row) == (4, False)


async def test_a_gap_that_is_filled_within_its_batch_leaves_nothing_parked(taking: Taking) -> None:
    hand = ByHand()
    await taking.take(*(hand.record(1, n, str(n)) for n in (3, 1, 4, 2)))
    assert await noted(taking.side.store) == {"1": ["1", "2", "3", "4"]}
    assert await parked(taking.side.store) == []


async def test_a_number_seen_before_with_another_id_is_a_fork(taking: Taking) -> None:
    """Two writers gave one number: kept aside, alarmed, and the key goes on."""
    hand = ByHand()
    await taking.take(hand.record(1, 1, "a"))
    assert await taking.take(hand.record(1, 1, "other truth"), hand.record(1, 2, "b")) == {
        "fork": 1,
        "aside": 1,
        "applied": 1,
    }
    assert await parked(taking.side.store) == [("1", "aside", "fork")]
    assert await noted(taking.side.store) == {"1": ["a", "b"]}


async def test_a_fork_of_a_record_that_waits_after_a_gap_is_seen_too(taking: Taking) -> None:
    hand = ByHand()
    await taking.take(hand.record(1, 2, "b"))
    assert (await taking.take(hand.record(1, 2, "other truth")))["fork"] == 1
    await taking.take(hand.record(1, 1, "a"))
    assert await noted(taking.side.store) == {"1": ["a", "b"]}


async def test_an_unknown_type_and_one_without_handler_advance_the_number(taking: Taking) -> None:
    hand = ByHand()
    unknown = hand.record(1, 1, type="consortia.membership.moon.landed-on.v1", value=b"not even json")
    unhandled = hand.record(1, 2, type=type_of(LaCategorySet).name, value=category(1, 3))
    assert await taking.take(unknown, unhandled, hand.record(1, 3, "c")) == {"ignored": 2, "applied": 1}
    assert await noted(taking.side.store) == {"1": ["c"]}
    assert await parked(taking.side.store) == []


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"type": TYPE.replace(".v1", ".v9")}, "unknown-version"),
        ({"value": b"{}"}, "schema"),
        ({"value": b"\x00\xff not json"}, "schema"),
        ({"value": None}, "schema"),
        ({"value": b'{"urn": "1", "name": "\\ud800"}'}, "schema"),
        ({"value": b"[" * 100_000}, "schema"),
    ],
)
async def test_a_record_that_cannot_be_read_is_parked_and_only_its_key_waits(
    taking: Taking, spoilt: dict[str, object], reason: str
) -> None:
    """I9: the good neighbours of the same batch are applied."""
    hand = ByHand()
    bad = hand.record(1, 2, **spoilt)
    batch = [hand.record(1, 1, "a"), bad, hand.record(2, 1, "x"), hand.record(1, 3, "c"), hand.record(2, 2, "y")]
    assert await taking.take(*batch) == {"applied": 3, "parked": 1, "waiting": 1}
    assert await taking.take(hand.record(1, 4, "d"), hand.record(2, 3, "z"), bad) == {
        "applied": 1,
        "waiting": 1,
        "duplicate": 1,
    }
    assert await noted(taking.side.store) == {"1": ["a"], "2": ["x", "y", "z"]}
    assert await parked(taking.side.store) == [
        ("1", "parked", reason),
        ("1", "waiting", "behind"),
        ("1", "waiting", "behind"),
    ]


def _without(name: str):
    def spoil(headers: list[tuple[str, bytes]]) -> None:
        headers[:] = [pair for pair in headers if pair[0] != name]

    return spoil


def _with(name: str, value: bytes | None):
    def spoil(headers: list[tuple[str, bytes]]) -> None:
        headers[:] = [(header, value if header == name else old) for header, old in headers]

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        _without("ce_sequence"),
        _without("ce_id"),
        _with("ce_id", b"\xff\xfe"),
        _with("ce_sequence", b"0"),
        _with("ce_sequence", b"99999999999999999999"),
        _with("ce_epoch", b"99999999999"),
        _with("ce_epoch", None),
        _with("ce_type", b"\x00"),
        _with("ce_type", b"a\x00b.v1"),
        _with("ce_source", None),
        _with("ce_subject", b"\x00"),
        _with("ce_time", b"2026-11-02T12:00:00"),
        _with("ce_dataclassification", b"cosmic"),
        lambda headers: headers.clear(),
    ],
)
async def test_a_record_without_a_whole_envelope_goes_aside_and_blocks_nothing(taking: Taking, spoil) -> None:
    hand = ByHand()
    batch = [hand.record(1, 1, "a"), hand.record(1, 2, "b", spoil=spoil), hand.record(1, 2, "b")]
    assert await taking.take(*batch) == {"applied": 2, "aside": 1}
    assert await noted(taking.side.store) == {"1": ["a", "b"]}
    assert await parked(taking.side.store) == [("1", "aside", "no-envelope")]


async def test_a_record_without_a_key_goes_aside(taking: Taking) -> None:
    hand = ByHand()
    good = hand.record(1, 1, "a")
    assert await taking.take(Record("by-hand.v1", 0, 9, None, b"\x00", good.headers), good) == {
        "applied": 1,
        "aside": 1,
    }


async def test_odd_bytes_in_headers_that_nobody_needs_are_kept_readable_in_parking(taking: Taking) -> None:
    hand = ByHand()

    def odd(headers: list[tuple[str, bytes]]) -> None:
        headers += [("x-odd", b"\x00\xff"), ("x\x00none", None), ("ce_traceparent", b"00-\x00")]  # type: ignore[list-item]

    assert await taking.take(hand.record(1, 2, "b", spoil=odd)) == {"gap": 1}
    assert await taking.take(hand.record(1, 1, "a", spoil=odd)) == {"applied": 2}
    assert await noted(taking.side.store) == {"1": ["a", "b"]}


async def test_a_new_epoch_begins_again_at_one(taking: Taking) -> None:
    """D3.14: after a restore numbers restart; whatever of the old epoch comes late is known as old."""
    hand = ByHand()
    await taking.take(hand.record(1, 1, "old 1"), hand.record(1, 2, "old 2"))
    assert await taking.take(hand.record(1, 1, "new 1", epoch=2), hand.record(1, 3, "old 3")) == {
        "applied": 1,
        "duplicate": 1,
    }
    assert await taking.take(hand.record(1, 3, "new 3", epoch=2)) == {"gap": 1}
    assert await taking.take(hand.record(1, 2, "new 2", epoch=2)) == {"applied": 2}
    assert await noted(taking.side.store) == {"1": ["old 1", "old 2", "new 1", "new 2", "new 3"]}


async def test_what_waited_for_a_gap_of_an_epoch_that_is_over_is_put_aside(taking: Taking) -> None:
    """I9: it will never be applied, and it must not look as if it still waited."""
    hand = ByHand()
    await taking.take(hand.record(1, 1, "old 1"), hand.record(1, 3, "old 3"))
    await taking.take(hand.record(1, 1, "new 1", epoch=2))
    assert await parked(taking.side.store) == [("1", "aside", "overtaken")]


async def _keep_people(events, uow) -> None:
    await uow.execute(
        """
        insert into school_kept as kept (urn, name, changes)
        select urn, name, 1 from unnest($1::text[], $2::text[]) as new (urn, name) order by urn
        on conflict (urn) do update set name = excluded.name, changes = kept.changes + 1
        """,
        [event.subject for event in events],
        ["erased" if event.erased else event.data.name for event in events],
    )


@pytest.fixture
def people(reader: Side) -> Taking:
    return Taking(reader, inbound=Inbound(projections={PersonRecorded: Projection(_keep_people, ("school_kept",))}))


def _person(hand: ByHand, sequence: int, name: str | None) -> Record:
    person = new_id()
    value = (
        PersonRecorded(person_id=person, name=name, email="x@example.org").model_dump_json().encode() if name else None
    )
    return hand.record(1, sequence, type=type_of(PersonRecorded).name, value=value)


async def _name(side: Side) -> list[tuple[str, int]]:
    return [tuple(row) for row in await fetch(side.store, "select name, changes from school_kept")]


async def test_on_the_compacted_topic_any_higher_number_applies_and_a_tombstone_erases(people: Taking) -> None:
    hand = ByHand(topic=PEOPLE_TOPIC)
    assert await people.take(_person(hand, 2, "Ann"), _person(hand, 7, "Bea"), _person(hand, 5, "old")) == {
        "applied": 2,
        "duplicate": 1,
    }
    assert await _name(people.side) == [("Bea", 2)]
    assert await people.take(_person(hand, 12, None)) == {"applied": 1}
    assert await _name(people.side) == [("erased", 3)]


async def test_on_the_compacted_topic_a_later_state_takes_a_bad_one_out_of_parking(people: Taking) -> None:
    """Erasure reaches parking too: nothing of a person stays behind in it."""
    hand = ByHand(topic=PEOPLE_TOPIC)
    bad = hand.record(1, 3, type=type_of(PersonRecorded).name, value=b'{"name": "Ann"}')
    assert await people.take(_person(hand, 1, "Ann"), bad) == {"applied": 1, "parked": 1}
    assert await people.take(_person(hand, 4, None)) == {"applied": 1}
    assert await parked(people.side.store) == []
    assert await _name(people.side) == [("erased", 2)]


async def test_reactions_begin_at_since_and_projections_at_the_beginning(reader: Side) -> None:
    """D3.7: a new service reads everything for its projections, and reacts from `since` on."""
    taking = Taking(reader)
    async with reader.store.unit() as uow:
        await uow.execute("update service_state set reactions_since = '2026-11-03T00:00:00Z'")
    hand = ByHand()
    later = hand.record(1, 2, "new", spoil=_with("ce_time", b"2026-11-03T00:00:00Z"))
    assert await taking.take(hand.record(1, 1, "old"), later) == {"applied": 2}
    assert await noted(reader.store) == {"1": ["new"]}
    assert await _name(reader) == [("new", 2)]


async def test_what_a_reaction_records_is_caused_by_its_own_event(reader: Side) -> None:
    """D3.6: causation stays per event although handlers get lists."""

    async def repeat(events, uow) -> None:
        for event in events:
            uow.record(event.data, key=event.key, because=event.cause)

    taking = Taking(reader, inbound=Inbound(reactions={SchoolRecorded: repeat}))
    hand = ByHand()
    records = [hand.record(urn, 1, str(urn)) for urn in (1, 2)]
    await taking.take(*records)
    rows = await fetch(reader.store, "select headers from outbox order by id")
    said = [{name: value.decode() for name, value in unpack(row.headers)} for row in rows]
    came = [{name: value.decode() for name, value in record.headers} for record in records]
    assert [each["ce_causationid"] for each in said] == [each["ce_id"] for each in came]
    assert [each["ce_correlationid"] for each in said] == [each["ce_correlationid"] for each in came]


async def test_a_projection_that_records_a_fact_is_refused(reader: Side) -> None:
    """D3.7: a projection emits nothing, or a rebuild would say it all again."""

    async def repeat(events, uow) -> None:
        for event in events:
            uow.record(event.data, key=event.key, because=event.cause)

    taking = Taking(reader, inbound=Inbound(projections={SchoolRecorded: Projection(repeat, ())}))
    with pytest.raises(Exception, match="EmitsFromProjection"):
        await taking.take(ByHand().record(1, 1, "a"))
