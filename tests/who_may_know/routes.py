"""What is asked of every GET route of the four services.

A new GET route needs its line here: an address for each thing it can be asked about, with every filter, search and sort
order that it has. Without one `test_no_route_without_a_word_on_who_may_know` fails. Who may know is not said here by
route: it is a matter of the fact (facts.py), and the same for every route (R0.8).
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from uuid import UUID

from shared.contracts.services import routers_of
from shared.web.application import application
from tests.who_may_know.world import (
    ABBEY,
    ACADEMY,
    BODIES,
    CITY,
    GROUP,
    MOOR,
    PEOPLE,
    PUBLISHED,
    TODAY,
    World,
    X,
    Y,
    someone,
)

UNKNOWN = UUID(int=7)
NEAR = (ABBEY, GROUP, MOOR)  # the school's own bodies, and one of another area
DAYS = (TODAY.isoformat(), PUBLISHED.isoformat(), "2024-10-01", "2025-09-01")
OF_TRUSTS: tuple[tuple[str, tuple[str, ...]], ...] = ((ACADEMY, ()), (CITY, ()))  # those for which a trust speaks
Addresses = Callable[[World], Sequence[str]]

# The same of every service, about the process and never about a school.
PLATFORM: dict[str, Addresses] = {
    "/livez": lambda world: ["/livez"],
    "/readyz": lambda world: [],  # says of the broker and the database what a test without them can't ask
    "/version": lambda world: ["/version"],
    "/metrics": lambda world: [],  # numbers of the process; its labels are routes and types, never keys
    "/openapi.json": lambda world: ["/openapi.json"],
    "/api/v1/clock": lambda world: ["/api/v1/clock"],
    "/api/v1/parked": lambda world: ["/api/v1/parked"],
    "/api/v1/parked/{parked_id}": lambda world: [f"/api/v1/parked/{UNKNOWN}"],
    "/api/v1/progress": lambda world: [],  # how many records in all, of all authorities and schools together
}

OF_THE_PROCESS = frozenset({"/livez", "/version", "/openapi.json", "/api/v1/clock"})

OWN: dict[str, dict[str, Addresses]] = {
    "membership": {
        "/api/v1/people": lambda world: ["/api/v1/people?authority=937", "/api/v1/people?authority=937&name=head"],
        "/api/v1/schools": lambda world: ["/api/v1/schools?authority=937"],
        "/api/v1/schools/{urn}": lambda world: [f"/api/v1/schools/{urn}" for urn in (X, Y)],
        "/api/v1/schools/{urn}/speaker": lambda world: [
            f"/api/v1/schools/{urn}/speaker?matter={matter}{on}"
            for urn, days in ((X, DAYS), (Y, DAYS[-1:]), *OF_TRUSTS)
            for matter in ("general", "inspection")
            for on in ("", *(f"&on={day}" for day in days))
        ],
        "/api/v1/schools/{urn}/category": lambda world: [
            f"/api/v1/schools/{urn}/category{on}"
            for urn, days in ((X, DAYS), (Y, DAYS[-1:]), *OF_TRUSTS)
            for on in ("", *(f"?on={day}" for day in days))
        ],
        "/api/v1/schools/{urn}/explanation": lambda world: [
            f"/api/v1/schools/{urn}/explanation{asked}"
            for urn in (X, Y)
            for asked in ("", *(f"?on={DAYS[-1]}&known={known}" for known in DAYS[:2]), f"?on={DAYS[1]}")
        ],
        "/api/v1/schools/{urn}/chair-of-governors": lambda world: [
            f"/api/v1/schools/{urn}/chair-of-governors" for urn in (X, Y)
        ],
        "/api/v1/schools/{urn}/overrides": lambda world: [f"/api/v1/schools/{urn}/overrides" for urn in (X, Y)],
        "/api/v1/schools/{urn}/corrections": lambda world: [f"/api/v1/schools/{urn}/corrections" for urn in (X, Y)],
        "/api/v1/authorities/{authority}/policies": lambda world: ["/api/v1/authorities/937/policies"],
        "/api/v1/speakers": lambda world: ["/api/v1/speakers?authority=937"],
        "/api/v1/speakers/history": lambda world: ["/api/v1/speakers/history?authority=937"],
        "/api/v1/bodies": lambda world: ["/api/v1/bodies?authority=937"],
        "/api/v1/bodies/{body_id}": lambda world: [f"/api/v1/bodies/{body}" for body in NEAR],
        "/api/v1/bodies/{body_id}/contact": lambda world: [
            f"/api/v1/bodies/{body}/contact{asked_by}"
            for body in NEAR
            for asked_by in ("", f"?asked_by={someone('head x')}", f"?on={DAYS[1]}", f"?on={DAYS[-1]}")
        ],
        "/api/v1/authorities/{authority}/reviews": lambda world: ["/api/v1/authorities/937/reviews"],
        "/api/v1/proposals": lambda world: ["/api/v1/proposals?authority=937"],
        "/api/v1/authorities/{code}/settings": lambda world: ["/api/v1/authorities/937/settings"],
        "/api/v1/authorities/{code}/desks": lambda world: ["/api/v1/authorities/937/desks"],
        "/api/v1/authorities/{code}/desk-queue": lambda world: ["/api/v1/authorities/937/desk-queue"],
        "/api/v1/authorities/{code}/system-leaders": lambda world: ["/api/v1/authorities/937/system-leaders"],
        "/api/v1/schools/{urn}/told/preview": lambda world: [f"/api/v1/schools/{urn}/told/preview" for urn in (X, Y)],
        "/api/v1/held": lambda world: ["/api/v1/held?authority=937"],
        "/api/v1/due": lambda world: ["/api/v1/due"],
        "/api/v1/asks": lambda world: ["/api/v1/asks?authority=937"],
        "/api/v1/imports": lambda world: ["/api/v1/imports", "/api/v1/imports?state=failed"],
        "/api/v1/imports/{import_id}": lambda world: [f"/api/v1/imports/{each}" for each in (UNKNOWN, *world.imports)],
        "/api/v1/imports/{import_id}/problems.csv": lambda world: [
            f"/api/v1/imports/{each}/problems.csv" for each in (UNKNOWN, *world.imports)
        ],
        "/api/v1/inspection-calls": lambda world: [
            f"/api/v1/inspection-calls{asked}" for asked in ("", "?authority=937&also_closed=true")
        ],
        "/api/v1/inspection-calls/{call_id}": lambda world: [f"/api/v1/inspection-calls/{world.call}"],
    },
    "meetings": {
        "/api/v1/meetings/{meeting_id}/agenda": lambda world: [
            f"/api/v1/meetings/{meeting}/agenda" for meeting in world.meetings
        ],
        "/api/v1/bodies/{body_id}/meetings": lambda world: [f"/api/v1/bodies/{body}/meetings" for body in NEAR],
        "/api/v1/bodies/{body_id}/lists": lambda world: [f"/api/v1/bodies/{body}/lists" for body in BODIES],
        "/api/v1/bodies/{body_id}/members": lambda world: [
            f"/api/v1/bodies/{body}/members{on}" for body in NEAR for on in ("", f"?on={DAYS[-1]}")
        ],
    },
    "funding": {
        "/api/v1/awards": lambda world: ["/api/v1/awards", f"/api/v1/awards?body_id={BODIES[0]}&year=2024"],
        "/api/v1/ledger": lambda world: [f"/api/v1/ledger?body_id={body}" for body in BODIES[:3]],
        "/api/v1/balances": lambda world: ["/api/v1/balances", "/api/v1/balances?as_at=2025-01-13"],
    },
    "notifications": {
        "/api/v1/subscriptions": lambda world: ["/api/v1/subscriptions"],
        "/api/v1/deliveries": lambda world: [
            "/api/v1/deliveries",
            "/api/v1/deliveries?authority=937&limit=1000",
            "/api/v1/deliveries?department=finance",
            *(f"/api/v1/deliveries?correlation_id={story}" for story in world.last_stories()),
        ],
        "/api/v1/journeys/{correlation_id}": lambda world: [
            f"/api/v1/journeys/{story}" for story in world.last_stories()
        ],
        "/api/v1/journeys": lambda world: [
            f"/api/v1/journeys?subject={subject}{limit}"
            for subject, limits in (
                *((X, ("", "&limit=2")), (Y, ("",))),
                *((each, ("",)) for each in (*NEAR, "finance", "governance", "west-midlands")),
            )
            for limit in limits
        ],
        "/api/v1/feed/{region}": lambda world: [
            "/api/v1/feed/west-midlands",
            "/api/v1/feed/west-midlands?after=1&limit=1",
            "/api/v1/feed/South%20West",
        ],
        "/api/v1/people/{person_id}/messages": lambda world: [
            f"/api/v1/people/{someone(name)}/messages" for name in PEOPLE
        ],
        "/api/v1/inspection-calls/{call_id}/messages": lambda world: [
            f"/api/v1/inspection-calls/{each}/messages" for each in (UNKNOWN, world.call)
        ],
        "/api/v1/schools/{urn}/who-would-hear": lambda world: [
            f"/api/v1/schools/{urn}/who-would-hear?story={story}" for urn in (X, Y) for story in world.last_stories()
        ],
        "/api/v1/messages": lambda world: ["/api/v1/messages?authority=937"],
        "/api/v1/messages/progress": lambda world: ["/api/v1/messages/progress"],
    },
}


def addresses(world: World, roles: Collection[str]) -> list[tuple[str, str]]:
    """Every address of every service that somebody in these roles is let in to.

    What tells everybody the same about the process is asked by one alone, who has no role.
    """
    return [
        (service, address)
        for service, own in OWN.items()
        for path, ask in (PLATFORM | own).items()
        if lets_in(service, path, roles) and (path not in OF_THE_PROCESS or not roles)
        for address in ask(world)
    ]


def lets_in(service: str, path: str, roles: Collection[str]) -> bool:
    wanted = _roles(service).get(path, frozenset())
    return not wanted or bool(wanted & set(roles))


@cache
def _roles(service: str) -> dict[str, frozenset[str]]:
    """The roles that each GET route asks for; none where everybody signed in may come."""
    app = application(service, routers_of(service), store=None, verifier=None)
    return {route.path: route.policy.roles for route in app.state.guarded if "GET" in route.methods}
