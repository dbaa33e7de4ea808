"""Who may use a route. The caller is admitted before anything of the request is read."""

from dataclasses import dataclass

from fastapi import Request

from shared.auth.tokens import Principal, TokenRefused, Verifier
from shared.web.problems import Forbidden

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
        "system.leader",
        "trust",
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
    """Any one of these roles; with no roles, everybody signed in; or (health only) anybody at all."""

    roles: frozenset[str] = frozenset()
    anonymous: bool = False

    def admit(self, request: Request) -> None:
        """Let the caller in or say why not. The principal is kept for the request."""
        if self.anonymous:
            return
        principal = _authenticated(request)
        if self.roles and not self.roles & principal.roles:
            raise Forbidden("Your sign-in doesn't have a role that may do this.")
        request.state.principal = principal

    async def __call__(self) -> None:
        """Nothing: as a dependency it only travels with its route, which asks it before the body is read."""


def needs(*roles: str) -> Policy:
    """Any one of these roles."""
    if not roles:
        raise UnknownRole({"(none)"})
    if unknown := set(roles) - ROLES:
        raise UnknownRole(unknown)
    return Policy(frozenset(roles))


signed_in = Policy()
anonymous_health = Policy(anonymous=True)


def _authenticated(request: Request) -> Principal:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Sign in first: send a header Authorization with Bearer and your token.")
    verifier: Verifier = request.app.state.verifier
    try:
        return verifier.verify(token.strip())
    except TokenRefused as refused:
        raise Unauthenticated(str(refused)) from None
