"""Routes that say who may use them.

    routes = Routes(prefix="/api/v1", tags=["schools"])

    @routes.post("/schools/{urn}/la-category", policy=needs("la.officer"), status_code=201)
    async def set_la_category(urn: str, body: SetLaCategory, act: Act) -> Response:
        return await act.once(lambda uow: use_case(uow, urn, body))

A route without a policy can't be written: it raises when its module is imported.
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared.messaging.cause import new_id
from shared.refusal import Refusal
from shared.web import idempotency, problems
from shared.web.action import Act, Action
from shared.web.idempotency import KeyMissing
from shared.web.policy import (
    ROLES,
    Policy,
    RouteWithoutPolicy,
    Unauthenticated,
    UnknownRole,
    anonymous_health,
    needs,
    signed_in,
)
from shared.web.problems import Forbidden

__all__ = [
    "ROLES",
    "Act",
    "Action",
    "Forbidden",
    "GuardedRoute",
    "Policy",
    "RouteWithoutPolicy",
    "Routes",
    "UnknownRole",
    "anonymous_health",
    "needs",
    "signed_in",
]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class GuardedRoute(APIRoute):
    """A route that asks its policy first and answers every refusal as a problem."""

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
    """The routes of one part of a service's API: reads (GET) and acts (POST)."""

    def __init__(self, prefix: str = "", tags: list[str] | None = None):
        super().__init__(prefix=prefix, tags=list(tags or []), route_class=GuardedRoute)

    def get(self, path: str, *, policy: Policy | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._guarded("GET", path, policy, options)

    def post(self, path: str, *, policy: Policy | None = None, **options: Any) -> Callable[[Endpoint], Endpoint]:
        return self._guarded("POST", path, policy, options)

    def _guarded(
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


def _correlation(request: Request) -> object:
    return getattr(request.state, "correlation_id", None) or new_id()


def _described(method: str, policy: Policy, extra: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says about it: who may, and the header that every POST needs."""
    if policy.anonymous:
        return extra
    described = {**extra, "security": [{"token": []}], "x-roles": sorted(policy.roles) or ["anybody signed in"]}
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
