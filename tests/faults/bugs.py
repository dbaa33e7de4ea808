"""Bugs planted in the services as they run in the stack, found by the checkers of `make faults` and nothing else.

python -m tests.faults.bugs                      each on a stack of its own, and whether it was found
python -m tests.faults --seed 1 --plant NAME     one of them
python -m tests.faults.bugs NAME SERVICE         the service with that bug; the stack starts it so
"""

import importlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.world import World

CELLS = "membership: kill -9,meetings: kill -9,funding: kill -9,slow"  # of the faults, those of these names
Put = Callable[[object, str, object], None]  # `setattr`, or one that a test takes back
PATIENCE = 15.0  # seconds; a bug need not be waited for as long as a recovery


@dataclass(frozen=True)
class Bug:
    """What is wrong in ``service``, and which invariant it breaks; ``statements`` take a guard of its database away first."""

    invariant: str
    service: str
    plant: Callable[["Put"], None]
    statements: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.plant.__name__


def a_reaction_that_does_nothing(put: Put) -> None:
    """Every second outcome is read, and never stands in the feed."""
    from services.notifications.store import feed

    really = feed.publish

    async def publish(facts: Any, uow: Any) -> Any:
        return await really({id_: fact for id_, fact in facts.items() if id_.int % 2}, uow)

    put(feed, "publish", publish)


def an_agenda_that_forgets(put: Put) -> None:
    """The item is told, and stands on no agenda."""
    from services.meetings.store import agendas

    async def place_items(*_: Any) -> None:
        return None

    put(agendas, "place_items", place_items)


def an_id_for_each_attempt(put: Put) -> None:
    """A webhook is sent under a new id each time, so that its receiver can't know it again."""
    from services.notifications.sender import Sender
    from shared.messaging.cause import new_id

    really = Sender.send

    async def send(self: Sender, url: str, *, secret: str, webhook_id: str, body: str) -> Any:
        return await really(self, url, secret=secret, webhook_id=str(new_id()), body=body)

    put(Sender, "send", send)


def a_relay_that_begins_at_the_end(put: Put) -> None:
    """Each batch is sent from its end."""
    from shared.messaging.relay import Relay

    really = Relay._send

    async def send(self: Relay, batch: Any) -> Any:
        return list(reversed(await really(self, list(reversed(batch)))))

    put(Relay, "_send", send)


def a_penny_short(put: Put) -> None:
    """A school's share is posted a penny short, where neither the domain nor a trigger looks."""
    from dataclasses import replace

    from services.funding.domain import ledger

    really = ledger.entitlement

    def entitlement(*arguments: Any) -> Any:
        entry = really(*arguments)
        debit, credit = entry.postings
        return replace(entry, postings=(debit, replace(credit, pence=credit.pence + 1)))

    put(ledger.Entry, "__post_init__", lambda self: None)
    put(ledger, "entitlement", entitlement)


def a_record_without_a_fate(put: Put) -> None:
    """Of several records at once the last is counted as applied, and no handler sees it."""
    from shared.messaging import inbox

    really = inbox._call

    async def call(handler: Any, items: Any, uow: Any) -> None:
        await really(handler, items[:-1] if len(items) > 1 else items, uow)

    put(inbox, "_call", call)


def a_lease_of_the_dead(put: Put) -> None:
    """A process that finds a lease of another waits for ever, also when that one has died."""
    from shared.messaging.lease import Lease

    really, waiting = Lease.take, set[str]()

    async def take(self: Lease) -> bool:
        first = self.gone == float("inf")
        async with self.store.alone.connect() as connection:
            found = await connection.exec_driver_sql("select holder from lease where name = $1", (self.name,))
            holder = found.scalar()
        if self.holder in waiting or (first and holder not in (None, self.holder)):
            waiting.add(self.holder)
            return False
        return await really(self)

    put(Lease, "take", take)


def a_key_that_is_ignored(put: Put) -> None:
    """Whoever asks twice under one key is served twice."""
    from shared.web import idempotency

    async def claim(*_: Any) -> None:
        return None

    put(idempotency, "claim", claim)


def an_answer_that_stays(put: Put) -> None:
    """A change is told, and who speaks stays as it was."""
    from services.membership.store import representation

    async def save_answers(*_: Any) -> None:
        return None

    put(representation, "save_answers", save_answers)


def a_gate_that_is_open(put: Put) -> None:
    """Every story counts as told: people hear of it before the school."""
    from services.notifications.store import gate

    class Everybody(set[Any]):
        def __contains__(self, _: object) -> bool:
            return True

    async def open_or_wait(*_: Any) -> set[Any]:
        return Everybody()

    put(gate, "open_or_wait", open_or_wait)


UNGUARDED = ("alter table entry disable trigger entry_balances", "alter table posting disable trigger posting_balances")

BUGS = (
    Bug("I1", "notifications", a_reaction_that_does_nothing),
    Bug("I1", "meetings", an_agenda_that_forgets),
    Bug("I2", "notifications", an_id_for_each_attempt),
    Bug("I3", "membership", a_relay_that_begins_at_the_end),
    Bug("I5", "funding", a_penny_short, UNGUARDED),
    Bug("I9", "notifications", a_record_without_a_fate),
    Bug("I10", "membership", a_lease_of_the_dead),
    Bug("I11", "membership", a_key_that_is_ignored),
    Bug("I12", "membership", an_answer_that_stays),
    Bug("I13", "notifications", a_gate_that_is_open),
)


def named(name: str) -> Bug:
    return next(each for each in BUGS if each.name == name)


async def plant(bug: Bug, world: "World") -> None:
    """From now on the service runs with the bug."""
    import asyncio

    import asyncpg

    connection = await asyncpg.connect(world.stack.owner_url(bug.service).replace("+asyncpg", ""))
    try:
        for statement in bug.statements:
            await connection.execute(statement)
    finally:
        await connection.close()
    await world.runs_as(bug.service, f"tests.faults.bugs {bug.name} {bug.service}")
    await asyncio.to_thread(world.stack.wait_until_ready, bug.service)


def serve(bug: Bug) -> None:
    from shared.service import main

    build = importlib.import_module(f"services.{bug.service}.app").build
    bug.plant(setattr)
    main(build, [])


def find_all() -> int:
    """Each on a stack of its own; how many were not found."""
    missed = 0
    for bug in BUGS:
        command = [sys.executable, "-m", "tests.faults", "--seed", "1", "--only", CELLS, "--plant", bug.name]
        status = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        found = status.returncode == 0
        missed += not found
        last = status.stdout.strip().splitlines()[-1:] or ["no word"]
        print(f"{bug.invariant:<4} {'found ' if found else 'MISSED'} {bug.name}: {last[0]}", flush=True)
    return missed


if __name__ == "__main__":
    if sys.argv[1:]:
        serve(named(sys.argv[1]))
    else:
        sys.exit(find_all())
