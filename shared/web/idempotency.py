"""A POST takes effect once, however often it is sent.

The key is claimed by the first statement of the transaction that holds the effect: a twin that arrives meanwhile waits
for that transaction and is then given its answer. A request that was refused leaves no trace and may be sent again.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from shared.refusal import Invalid
from shared.store import UnitOfWork

DAYS_KEPT = 7
LONGEST_KEY = 200
_KEY = re.compile(r"[\x21-\x7e]+")


class KeyMissing(Exception):
    def __init__(self) -> None:
        super().__init__(
            "Every POST needs a header Idempotency-Key: any text of your own, "
            "the same when you repeat the request and another for another request."
        )


class KeyMalformed(KeyMissing):
    def __init__(self) -> None:
        Exception.__init__(
            self,
            f"The Idempotency-Key must be 1 to {LONGEST_KEY} printable characters without spaces.",
        )


class KeyUsedForAnotherRequest(Invalid):
    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Use a new key for a new request.")


@dataclass(frozen=True)
class Request:
    """What a key stands for: the same person, route, path and body."""

    principal: str
    route: str
    key: str
    hash: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    correlation_id: str


def checked_key(key: str | None) -> str:
    if key is None or not key:
        raise KeyMissing
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise KeyMalformed
    return key


def hash_of(path: str, query: str, content: bytes) -> bytes:
    return hashlib.sha256(b"\0".join((path.encode(), query.encode(), content))).digest()


async def claim(uow: UnitOfWork, request: Request) -> Answer | None:
    """Claim the key for this transaction, or give the answer of the request that had it.

    A key older than 7 days is free again.
    """
    claimed = await uow.execute(
        f"""
        insert into idempotency (principal, route, key, request_hash) values ($1, $2, $3, $4)
        on conflict (principal, route, key) do update
            set request_hash = excluded.request_hash, status = null, body = null, created_at = now()
            where idempotency.created_at < now() - interval '{DAYS_KEPT} days'
        """,
        request.principal,
        request.route,
        request.key,
        request.hash,
    )
    return None if claimed else await earlier_answer(uow, request)


async def earlier_answer(uow: UnitOfWork, request: Request) -> Answer | None:
    """What the same request was answered before, if it was."""
    earlier = await uow.row(
        f"""
        select request_hash, status, body::text as body from idempotency
        where principal = $1 and route = $2 and key = $3 and created_at >= now() - interval '{DAYS_KEPT} days'
        """,
        request.principal,
        request.route,
        request.key,
    )
    if earlier is None:
        return None
    if bytes(earlier.request_hash) != request.hash:
        raise KeyUsedForAnotherRequest
    kept = json.loads(earlier.body)
    return Answer(earlier.status, kept["body"], kept["correlation_id"])


async def keep(uow: UnitOfWork, request: Request, answer: Answer) -> None:
    await uow.execute(
        "update idempotency set status = $4, body = $5::text::jsonb where principal = $1 and route = $2 and key = $3",
        request.principal,
        request.route,
        request.key,
        answer.status,
        json.dumps({"body": answer.body, "correlation_id": answer.correlation_id}),
    )


async def forget_old(uow: UnitOfWork) -> int:
    """Remove keys older than 7 days. Run now and then."""
    return await uow.execute(f"delete from idempotency where created_at < now() - interval '{DAYS_KEPT} days'")
