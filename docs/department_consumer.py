"""A department's consumer. It starts from nothing, survives a stop at any point, and counts no event twice.

Every record has a number within its key. An event's effect and its number are saved together; a record whose number
is not higher than the saved one was seen before, whatever the broker or the network repeated.
"""

import asyncio
import os
import sqlite3

from aiokafka import AIOKafkaConsumer

TABLES = """create table if not exists place (key text primary key, epoch integer, sequence integer);
create table if not exists event (id text primary key, key text, type text, time text, data text)"""
HIGHER = """insert into place values (?, ?, ?)
on conflict (key) do update set epoch = excluded.epoch, sequence = excluded.sequence
where (excluded.epoch, excluded.sequence) > (place.epoch, place.sequence)"""


async def follow(topic: str, database: str, **broker: str) -> None:
    saved = sqlite3.connect(database)
    saved.executescript(TABLES)
    group = f"{broker['sasl_plain_username']}.consumer"
    async with AIOKafkaConsumer(topic, group_id=group, auto_offset_reset="earliest", **broker) as consumer:
        async for record in consumer:
            about = {name: value.decode() for name, value in record.headers}
            key = record.key.decode()
            with saved:  # the number and the effect: both or neither
                if saved.execute(HIGHER, (key, int(about["ce_epoch"]), int(about["ce_sequence"]))).rowcount:
                    row = (about["ce_id"], key, about["ce_type"], about["ce_time"], record.value.decode())
                    saved.execute("insert into event values (?, ?, ?, ?, ?)", row)  # here: what the department does


if __name__ == "__main__":
    scram = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-512"}
    user = {"sasl_plain_username": os.environ["KAFKA_USER"], "sasl_plain_password": os.environ["KAFKA_PASSWORD"]}
    asyncio.run(follow(os.environ["TOPIC"], "events.db", bootstrap_servers=os.environ["KAFKA"], **scram, **user))
