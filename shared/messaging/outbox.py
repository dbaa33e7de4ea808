"""The outbox: what a transaction has to say, written with the transaction itself.

Numbers are given last before the commit: one upsert takes the next numbers of every (topic, key), sorted, and keeps
those rows locked; then the rows are written in the order in which the facts were recorded. So for one key the order
of numbers, of rows and of commits is the same. A PostgreSQL sequence can promise none of that.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.envelope import Envelope, pack

LARGEST_RECORD = 900_000  # bytes; the broker's own limit is 1 MiB with headers


class RecordTooLarge(Exception):
    def __init__(self, event_type: str, key: str, size: int):
        super().__init__(f"{event_type} for {key} has {size:,} bytes; a record may have {LARGEST_RECORD:,} at most")


@dataclass(frozen=True, slots=True)
class Unsent:
    """One record that waits for its number. ``value`` None is a tombstone (people topic only)."""

    topic: str
    key: str
    envelope: Envelope  # its epoch and sequence are filled in by `write`
    value: bytes | None


Rows = Callable[..., Awaitable[Sequence[Any]]]

_NUMBERS = """
    insert into stream_head as head (topic, key, sequence)
    select topic, key, count from unnest($1::text[], $2::text[], $3::bigint[]) as new (topic, key, count)
    order by topic, key
    on conflict (topic, key) do update set sequence = head.sequence + excluded.sequence
    returning topic, key, sequence, (select epoch from service_state)
"""

_ROWS = """
    insert into outbox (topic, key, headers, value)
    select topic, key, headers, value
    from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) with ordinality as new (topic, key, headers, value, place)
    order by place
"""


async def write(rows: Rows, unsent: Sequence[Unsent]) -> None:
    """Number the records and write them. Two statements, however many records.

    Raises RecordTooLarge before anything is written.
    """
    for record in unsent:
        if record.value is not None and len(record.value) > LARGEST_RECORD:
            raise RecordTooLarge(record.envelope.type, record.key, len(record.value))
    counts = Counter((record.topic, record.key) for record in unsent)
    streams = sorted(counts)
    heads = await rows(
        _NUMBERS,
        [topic for topic, _ in streams],
        [key for _, key in streams],
        [counts[stream] for stream in streams],
    )
    epoch = heads[0].epoch
    following = {(head.topic, head.key): head.sequence - counts[head.topic, head.key] + 1 for head in heads}
    packed = []
    for record in unsent:
        stream = (record.topic, record.key)
        packed.append(pack(record.envelope.headers(epoch, following[stream])))
        following[stream] += 1
    await rows(
        _ROWS,
        [record.topic for record in unsent],
        [record.key for record in unsent],
        packed,
        [record.value for record in unsent],
    )
