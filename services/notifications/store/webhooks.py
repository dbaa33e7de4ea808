"""Subscriptions of departments and the deliveries to them: one record each, with the one id under which it is sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.notifications.domain.departments import Department
from services.notifications.domain.retry import Decision, Outcome
from shared.contracts.envelope import Envelope
from shared.messaging.cause import new_id
from shared.store import Reads, UnitOfWork

AT_A_TIME = 64  # keys of one subscription in one round


@dataclass(frozen=True, slots=True)
class NewDelivery:
    id: UUID
    subscription_id: UUID
    envelope: Envelope
    key: str
    body: str


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to be sent now: the first of its subscription and key that is not yet delivered."""

    id: UUID
    subscription_id: UUID
    url: str
    secret: str
    body: str
    attempts: int
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went, and what follows from it."""

    due: Due
    at: datetime
    took_ms: int
    status: int | None
    problem: str | None
    decision: Decision


Place = tuple[str, Department]  # authority and department


async def receivers(places: Collection[Place], uow: UnitOfWork) -> dict[Place, list[UUID]]:
    """The subscriptions that get a delivery. A paused one too: it catches up when it is resumed."""
    if not places:
        return {}
    rows = await uow.rows(
        """
        select subscription.id, authority, department
        from subscription join unnest($1::text[], $2::text[]) as wanted (authority, department)
            using (authority, department)
        where state <> 'disabled'
        order by subscription.id
        """,
        [authority for authority, _ in sorted(places)],
        [department for _, department in sorted(places)],
    )
    found: dict[Place, list[UUID]] = {}
    for row in rows:
        found.setdefault((row.authority, Department(row.department)), []).append(row.id)
    return found


async def add_deliveries(deliveries: Sequence[NewDelivery], uow: UnitOfWork) -> None:
    if not deliveries:
        return
    await uow.execute(
        """
        insert into delivery (id, subscription_id, event_id, type, key, sensitivity, correlation_id, body)
        select id, subscription_id, event_id, type, key, sensitivity, correlation_id, body
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[])
            with ordinality as new (id, subscription_id, event_id, type, key, sensitivity, correlation_id, body, place)
        order by place
        on conflict (subscription_id, event_id) do nothing
        """,
        [each.id for each in deliveries],
        [each.subscription_id for each in deliveries],
        [each.envelope.id for each in deliveries],
        [each.envelope.type for each in deliveries],
        [each.key for each in deliveries],
        [each.envelope.sensitivity.value for each in deliveries],
        [each.envelope.correlation_id for each in deliveries],
        [each.body for each in deliveries],
    )


async def due(busy: Collection[UUID], store: Reads) -> list[Due]:
    """What may be sent now, but to subscriptions that are busy: per key the first that is not delivered, if it is due.

    A later one of its key waits behind it, due or not.
    """
    rows = await store.rows(
        """
        select delivery.id, subscription.id as subscription_id, url, secret, body, attempts, correlation_id
        from subscription cross join lateral (
            select id, body, attempts, correlation_id, due_at, position from delivery as first
            where subscription_id = subscription.id and state = 'pending' and due_at <= clock_timestamp()
                and not exists (
                    select from delivery as earlier
                    where earlier.subscription_id = first.subscription_id and earlier.key = first.key
                        and earlier.state = 'pending' and earlier.position < first.position
                )
            order by due_at, position
            limit $2
        ) as delivery
        where subscription.state = 'active' and subscription.id <> all($1::uuid[])
        order by subscription.id, delivery.position
        """,
        sorted(busy),
        AT_A_TIME,
    )
    return [Due(**row._mapping) for row in rows]


async def keep_attempts(attempts: Sequence[Attempt], uow: UnitOfWork) -> None:
    """The log of what was tried, and what follows for each delivery. What was delivered once stays delivered."""
    if not attempts:
        return
    await uow.execute(
        """
        insert into delivery_attempt (delivery_id, at, took_ms, status, problem)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::text[])
        """,
        [each.due.id for each in attempts],
        [each.at for each in attempts],
        [each.took_ms for each in attempts],
        [each.status for each in attempts],
        [each.problem for each in attempts],
    )
    attempts = sorted(attempts, key=lambda each: each.due.id)
    await uow.execute(
        """
        update delivery set
            state = case when new.delivered then 'delivered' else 'pending' end,
            delivered_at = case when new.delivered then clock_timestamp() end,
            attempts = delivery.attempts + 1,
            due_at = clock_timestamp() + new.wait,
            last_status = new.status,
            last_problem = new.problem
        from unnest($1::uuid[], $2::bool[], $3::interval[], $4::int[], $5::text[])
            as new (id, delivered, wait, status, problem)
        where delivery.id = new.id and delivery.state = 'pending'
        """,
        [each.due.id for each in attempts],
        [each.decision.outcome is Outcome.DELIVERED for each in attempts],
        [each.decision.wait or timedelta(0) for each in attempts],
        [each.status for each in attempts],
        [each.problem for each in attempts],
    )


async def stop(subscription_id: UUID, state: str, why: str, correlation_id: UUID, uow: UnitOfWork) -> bool:
    """Pause or disable a subscription, and leave word for the officer in the audit; false if it had stopped before."""
    changed = await uow.execute(
        """
        update subscription set state = $2, why = $3, changed_at = clock_timestamp()
        where id = $1 and state = 'active'
        """,
        subscription_id,
        state,
        why,
    )
    if changed:
        await uow.execute(
            """
            insert into audit (id, who, what, subject, why, detail)
            values ($1, 'notifications', $2, $3, $4, jsonb_build_object('correlation_id', $5::text))
            """,
            new_id(),
            f"subscription.{state}",
            str(subscription_id),
            why,
            str(correlation_id),
        )
    return bool(changed)


async def add_subscription(row: Mapping[str, Any], uow: UnitOfWork) -> bool:
    """False if this department has a subscription for this address already."""
    return bool(
        await uow.execute(
            """
            insert into subscription (id, authority, department, url, secret, created_by)
            values ($1, $2, $3, $4, $5, $6) on conflict (authority, department, url) do nothing
            """,
            row["id"],
            row["authority"],
            row["department"],
            row["url"],
            row["secret"],
            row["created_by"],
        )
    )


async def subscription(subscription_id: UUID, uow: UnitOfWork) -> Row[Any] | None:
    return await uow.row(f"{_SUBSCRIPTIONS} where id = $1 for update", subscription_id)


async def subscriptions(authorities: Collection[str], uow: UnitOfWork) -> Sequence[Row[Any]]:
    return await uow.rows(
        f"{_SUBSCRIPTIONS} where authority = any($1::text[]) order by authority, department, url", sorted(authorities)
    )


async def resume(subscription_id: UUID, uow: UnitOfWork) -> int:
    """Begin again, from the first of the schedule; how many deliveries were waiting."""
    await uow.execute(
        "update subscription set state = 'active', why = '', changed_at = clock_timestamp() where id = $1",
        subscription_id,
    )
    return await uow.execute(
        """
        update delivery set attempts = 0, due_at = clock_timestamp()
        where subscription_id = $1 and state = 'pending'
        """,
        subscription_id,
    )


# Never the secret: it is told once, to who subscribes.
_SUBSCRIPTIONS = "select id, authority, department, url, state, why, created_at, changed_at from subscription"


async def log(
    places: Collection[tuple[str, str]], correlation_id: UUID | None, limit: int, uow: UnitOfWork
) -> Sequence[Row[Any]]:
    """The delivery log of these departments, the newest first."""
    return await uow.rows(
        """
        select delivery.id as webhook_id, subscription_id, authority, department, url, event_id, type, key, sensitivity,
            correlation_id, delivery.state, attempts, delivery.created_at, due_at, delivered_at, last_status, last_problem
        from delivery join subscription on subscription.id = subscription_id
            join unnest($1::text[], $2::text[]) as wanted (authority, department) using (authority, department)
        where $3::uuid is null or correlation_id = $3
        order by position desc limit $4
        """,
        [authority for authority, _ in sorted(places)],
        [department for _, department in sorted(places)],
        correlation_id,
        limit,
    )
