"""Routes that say who may use them, and what a request may do.

    routes = Routes(prefix="/api/v1", tags=["schools"])

    @routes.post("/schools/{urn}/la-category", policy=needs("la.officer"), status_code=201)
    async def set_la_category(urn: str, body: SetLaCategory, act: Act) -> Response:
        return await act.once(lambda uow: use_case(uow, urn, body))

A route without a policy can't be written: it raises when its module is imported.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException

from shared.auth.tokens import Principal, TokenRefused, Verifier
from shared.messaging.cause import Cause
from shared.refusal import Refusal
from shared.store import Store, UnitOfWork
from shared.telemetry import story
from shared.web import idempotency, problems
from shared.web.idempotency import Answer, KeyMissing
from shared.web.problems import Forbidden

T = TypeVar("T")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

ROLES = frozenset(
    {
        "la.officer",
        "la.school-improvement",
        "la.finance",
        "la.ops",
        "clerk",
        "chair",
        "deputy",
        "headteacher",
        "department",
        "rd.liaison",
        "demo",
    }
)


class RouteWithoutPolicy(Exception):
    def __init__(self, path: str):
        super().__init__(f'{path} doesn\'t say who may use it. Give it policy=needs("some.role").')


class UnknownRole(Exception):
    def __init__(self, roles: set[str]):
        super().__init__(f"No such role: {', '.join(sorted(roles))}. The roles are {', '.join(sorted(ROLES))}.")


class Unauthenticated(Exception):
    """Nobody we know calls."""


@dataclass(frozen=True)
class Policy:
    """Who may use a route: any of these roles, or everybody signed in, or (health only) anybody at all."""

    roles: frozenset[str] = frozenset()
    anonymous: bool = False

    def admit(self, request: Request) -> None:
        """Let the caller in or say why not. The principal is kept for the request."""
        if self.anonymous:
            return
        principal = _authenticate(request)
        if self.roles and not self.roles & principal.roles:
            raise Forbidden("Your sign-in doesn't have a role that may do this.")
        request.state.principal = principal

    async def __call__(self) -> None:
        """Nothing: as a dependency it only travels with the route; `GuardedRoute` asks it before the body is read."""


def needs(*roles: str) -> Policy:
    """Any one of these roles."""
    if not roles:
        raise UnknownRole({"(none)"})
    if unknown := set(roles) - ROLES:
        raise UnknownRole(unknown)
    return Policy(frozenset(roles))


signed_in = Policy()
anonymous_health = Policy(anonymous=True)


class GuardedRoute(APIRoute):
    """A route that admits the caller before anything of the request is read, and answers refusals as problems."""

    @property
    def policy(self) -> Policy:
        for dependency in self.dependencies:
            if isinstance(dependency.dependency, Policy):
                return dependency.dependency
        raise RouteWithoutPolicy(self.path)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        policy, handle = self.policy, super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                policy.admit(request)
                if request.method == "POST":
                    request.state.idempotency_key = idempotency.checked_key(request.headers.get("Idempotency-Key"))
                return await handle(request)
            except Unauthenticated as who:
                return problems.problem(401, str(who), code="sign-in", headers={"WWW-Authenticate": "Bearer"})
            except Forbidden as why:
                return problems.problem(403, str(why), code="forbidden")
            except KeyMissing as why:
                return problems.problem(400, str(why), code="idempotency-key")
            except Refusal as refusal:
                return problems.of_refusal(refusal, correlation_id=_correlation(request))
            except (HTTPException, RequestValidationError):
                raise
            except Exception as error:
                return problems.of_unexpected(error, correlation_id=_correlation(request))

        return guarded


class Routes(APIRouter):
    """The routes of one part of a service's API."""

    def __init__(self, prefix: str = "", tags: list[str] | None = None):
        super().__init__(prefix=prefix, tags=list(tags or []), route_class=GuardedRoute)

    def get(self, path: str, *, policy: Policy | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._route("GET", path, policy, options)

    def post(self, path: str, *, policy: Policy | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._route("POST", path, policy, options)

    def _route(
        self, method: str, path: str, policy: Policy | None, options: dict[str, Any]
    ) -> Callable[[Endpoint], Endpoint]:
        if policy is None:
            raise RouteWithoutPolicy(f"{method} {self.prefix}{path}")
        options["dependencies"] = [Depends(policy), *options.get("dependencies", ())]
        options["openapi_extra"] = _described(method, policy, options.get("openapi_extra", {}))

        def declare(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=[method], **options)
            return endpoint

        return declare


class Action:
    """One request: who acts, and the one transaction in which it reads or takes effect."""

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
        request = self.request
        who, key = self.principal.subject, request.state.idempotency_key
        route = f"POST {_template(request)}"
        body = await request.body() if content is None else content
        request_hash = idempotency.hash_of(request.url.path, request.url.query, body)
        status = _status(request)

        with story(route, subject=_subject(request) if subject is None else subject) as cause:
            self.cause = cause
            request.state.correlation_id = cause.correlation_id

            async def effect(uow: UnitOfWork) -> tuple[Answer, bool]:
                if earlier := await idempotency.claim(uow, who, route, key, request_hash):
                    return earlier, True
                given = to_jsonable_python(await work(uow))
                answer = Answer(status, given, str(cause.correlation_id))
                await _audit(
                    uow,
                    who=who,
                    what=route,
                    subject=_subject(request) if subject is None else subject,
                    why=await _reason(request) if why is None else why,
                    path=request.url.path,
                    cause=cause,
                )
                await idempotency.keep(uow, who, route, key, answer)
                return answer, False

            answer, again = await self.store.run(effect, cause=cause)
        headers = {"X-Correlation-ID": answer.correlation_id}
        if again:
            headers["Idempotency-Replayed"] = "true"
        return JSONResponse(answer.body, status_code=answer.status, headers=headers)


def _action(request: Request) -> Action:
    return Action(request)


Act = Annotated[Action, Depends(_action)]


def _authenticate(request: Request) -> Principal:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Sign in first: send a header Authorization with Bearer and your token.")
    verifier: Verifier = request.app.state.verifier
    try:
        return verifier.verify(token.strip())
    except TokenRefused as refused:
        raise Unauthenticated(str(refused)) from None


def _correlation(request: Request) -> object:
    return getattr(request.state, "correlation_id", None) or uuid4()


def _template(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path_format", request.url.path))


def _status(request: Request) -> int:
    return getattr(request.scope.get("route"), "status_code", None) or 200


def _subject(request: Request) -> str:
    return "/".join(str(part) for part in request.path_params.values())


async def _reason(request: Request) -> str:
    """The reason that the person gave, where the body has one."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return ""
    body = await request.json()
    reason = body.get("reason") if isinstance(body, dict) else None
    return reason if isinstance(reason, str) else ""


async def _audit(uow: UnitOfWork, *, who: str, what: str, subject: str, why: str, path: str, cause: Cause) -> None:
    await uow.execute(
        "insert into audit (id, who, what, subject, why, detail) "
        "values ($1, $2, $3, $4, $5, jsonb_build_object('path', $6::text, 'correlation_id', $7::text))",
        uuid4(),
        who,
        what,
        subject,
        why,
        path,
        str(cause.correlation_id),
    )


def _described(method: str, policy: Policy, extra: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says about it: who may, and the header that every POST needs."""
    described = {**extra}
    if policy.anonymous:
        return described
    described["security"] = [{"token": []}]
    described["x-roles"] = sorted(policy.roles) or ["anybody signed in"]
    if method == "POST":
        key = {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "maxLength": idempotency.LONGEST_KEY},
            "description": "The same for a repeat of the same request, another for another request.",
        }
        described["parameters"] = [*described.get("parameters", []), key]
    return described
