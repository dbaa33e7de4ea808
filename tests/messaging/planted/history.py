"""What happened in one run, read at its end from both databases and the topic: what the checkers judge."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.messaging.inbox import Record
from shared.messaging.rebuild import Rebuilt
from shared.store import Store
from tests.messaging.on_topic import header


@dataclass(frozen=True)
class Said:
    """A sentence whose transaction was committed. ``number`` counts those of a key, given under a lock."""

    key: str
    number: int
    value: str


@dataclass(frozen=True)
class Published:
    """A record on the topic. ``place`` is None if its envelope cannot be read."""

    partition: int
    offset: int
    key: str | None
    place: tuple[int, int] | None
    id: str | None
    value: str | None


@dataclass(frozen=True)
class Applied:
    """One doing of the reader's effect."""

    key: str
    place: tuple[int, int]
    id: str
    value: str


@dataclass(frozen=True)
class Parked:
    partition: int
    offset: int
    key: str | None
    place: tuple[int, int] | None
    status: str


@dataclass
class History:
    """``attempts`` is what the writers saw: ok, fail (rolled back) or unknown (the answer was lost)."""

    attempts: Mapping[str, str] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    outbox: int = 0
    published: list[Published] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    inbox: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()  # sentences that were put on the topic without a writer
    rebuilt: list[Rebuilt] = field(default_factory=list)
    applied_after_rebuild: int | None = None


async def read_history(
    writer: Store,
    reader: Store,
    on_topic: Iterable[Record],
    *,
    attempts: Mapping[str, str],
    by_hand: frozenset[str] = frozenset(),
) -> History:
    """The final reads."""
    async with writer.unit() as uow:
        said = [Said(row.key, row.number, row.value) for row in await uow.rows("select key, number, value from said")]
        outbox = await uow.value("select count(*) from outbox")
    async with reader.unit() as uow:
        applied = [
            Applied(row.key, (row.epoch, row.sequence), str(row.event_id), row.value)
            for row in await uow.rows("select * from noted order by position")
        ]
        parked = [
            Parked(row.partition, row.offset, row.key, (row.epoch, row.sequence) if row.sequence else None, row.status)
            for row in await uow.rows('select partition, "offset", key, epoch, sequence, status from parked')
        ]
        inbox = {
            row.key: (row.epoch, row.sequence) for row in await uow.rows("select key, epoch, sequence from inbox_key")
        }
    published = [_published(record) for record in on_topic]
    return History(attempts, said, outbox, published, applied, parked, inbox, by_hand)


def _published(record: Record) -> Published:
    try:
        place = (int(header(record, "ce_epoch") or ""), int(header(record, "ce_sequence") or ""))
    except ValueError:
        place = None
    try:
        value = json.loads(record.value or b"")["name"]
    except (ValueError, KeyError, TypeError):
        value = None
    id_ = header(record, "ce_id") if place else None
    return Published(record.partition, record.offset, record.key, place, id_, value)
