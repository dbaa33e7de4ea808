"""One request: who acts, and the transaction in which it reads or takes effect."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python

from shared.auth.tokens import Principal
from shared.messaging.cause import Cause
from shared.store import Store, UnitOfWork
from shared.telemetry import story
from shared.web import idempotency
from shared.web.idempotency import Answer
from shared.web.idempotency import Request as Claimed
from shared.web.problems import Forbidden

T = TypeVar("T")

SMALL_BODY = 256 * 1024  # bytes, hashed in well under a millisecond


class Action:
    """Given to an endpoint by its parameter `act: Act`."""

    def __init__(self, request: Request):
        self.request = request
        self.principal: Principal = request.state.principal
        self.store: Store = request.app.state.store
        self.cause: Cause | None = None

    def allow_authority(self, authority: str) -> None:
        """Rows of another authority are not this caller's business."""
        if authority not in self.principal.authorities:
            raise Forbidden(f"Your sign-in is not for authority {authority}.")

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self.store.run(work)

    async def once(
        self,
        work: Callable[[UnitOfWork], Awaitable[Any]],
        *,
        subject: str | None = None,
        why: str | None = None,
        content: bytes | None = None,
    ) -> Response:
        """Do the work and its audit row in one transaction, once for this Idempotency-Key.

        `subject` and `why` are for the audit where path and body don't say them; `content` is a digest of a body that
        was read as a stream.
        """
        claimed = await self._claimed(content)
        subject = _subject(self.request) if subject is None else subject
        why = await _reason(self.request) if why is None else why
        with story(claimed.route) as cause:
            self._begin(cause)

            async def effect(uow: UnitOfWork) -> tuple[Answer, bool]:
                if earlier := await idempotency.claim(uow, claimed):
                    return earlier, True
                answer = self._answer(await work(uow), cause)
                await self._keep(uow, claimed, answer, subject, why, cause)
                return answer, False

            return _response(*await self.store.run(effect, cause=cause))

    async def once_in_parts(
        self,
        work: Callable[[Cause], Awaitable[Any]],
        *,
        subject: str | None = None,
        why: str | None = None,
        content: bytes | None = None,
    ) -> Response:
        """For work that needs transactions of its own (an import in chunks, a retry of a parked message).

        It must be harmless when repeated: the answer is kept only after the work, so a crash between the two lets a
        repeat do the work again.
        """
        claimed = await self._claimed(content)
        subject = _subject(self.request) if subject is None else subject
        why = await _reason(self.request) if why is None else why
        with story(claimed.route) as cause:
            self._begin(cause)
            if earlier := await self.store.run(lambda uow: idempotency.earlier_answer(uow, claimed)):
                return _response(earlier, True)
            answer = self._answer(await work(cause), cause)

            async def keep(uow: UnitOfWork) -> tuple[Answer, bool]:
                if earlier := await idempotency.claim(uow, claimed):
                    return earlier, True
                await self._keep(uow, claimed, answer, subject, why, cause)
                return answer, False

            return _response(*await self.store.run(keep, cause=cause))

    def _begin(self, cause: Cause) -> None:
        self.cause = cause
        self.request.state.correlation_id = cause.correlation_id

    async def _claimed(self, content: bytes | None) -> Claimed:
        request = self.request
        body = await request.body() if content is None else content
        return Claimed(
            principal=self.principal.subject,
            route=f"POST {_template(request)}",
            key=request.state.idempotency_key,
            hash=await _hash(request, body),
        )

    def _answer(self, given: Any, cause: Cause) -> Answer:
        status = getattr(self.request.scope.get("route"), "status_code", None) or 200
        return Answer(status, to_jsonable_python(given), str(cause.correlation_id))

    async def _keep(
        self, uow: UnitOfWork, claimed: Claimed, answer: Answer, subject: str, why: str, cause: Cause
    ) -> None:
        await uow.execute(
            "insert into audit (id, who, what, subject, why, detail) "
            "values ($1, $2, $3, $4, $5, jsonb_build_object('path', $6::text, 'correlation_id', $7::text))",
            uuid4(),
            claimed.principal,
            claimed.route,
            subject,
            why,
            self.request.url.path,
            str(cause.correlation_id),
        )
        await idempotency.keep(uow, claimed, answer)


async def _action(request: Request) -> Action:  # else FastAPI hands it to a thread
    return Action(request)


Act = Annotated[Action, Depends(_action)]


async def _hash(request: Request, body: bytes) -> bytes:
    if len(body) < SMALL_BODY:
        return idempotency.hash_of(request.url.path, request.url.query, body)
    # A large import must not hold up the other requests.
    return await asyncio.to_thread(idempotency.hash_of, request.url.path, request.url.query, body)


def _response(answer: Answer, again: bool) -> Response:
    headers = {"X-Correlation-ID": answer.correlation_id}
    if again:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)


def _template(request: Request) -> str:
    return str(request.scope["route"].path_format)


def _subject(request: Request) -> str:
    return "/".join(str(part) for part in request.path_params.values())


async def _reason(request: Request) -> str:
    """The reason that the person gave, where the body has one."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return ""
    with suppress(ValueError):
        body = await request.json()
        if isinstance(body, dict) and isinstance(body.get("reason"), str):
            return str(body["reason"])
    return ""
