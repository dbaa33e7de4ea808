"""Messages to people: what a person was told, and for those who run it, how far it got."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field

from services.notifications.domain.words import sentence
from services.notifications.messenger import item_of
from services.notifications.settings import settings
from services.notifications.store import letters, messages
from services.notifications.store.names import school_of
from services.notifications.use_cases import in_post
from services.notifications.use_cases.who_would_hear import who_would_hear
from shared.store import UnitOfWork
from shared.web.problems import Forbidden
from shared.web.routes import Act, Routes, needs, signed_in

routes = Routes(prefix="/api/v1", tags=["messages to people"])

_STATE = (
    "id", "event_id", "correlation_id", "channel", "urgent", "state", "reason", "created_at", "due_at", "letter_id",
    "attempts", "sent_at", "last_code",
)  # fmt: skip
ForTrust = Annotated[str, Field(pattern=r"^[^:]{1,40}:([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")]
_WOULD_HEAR = ("person_id", "name", "kind", "channel", "due_at", "reason")


@routes.get("/people/{person_id}/messages", policy=signed_in)
async def messages_of(person_id: UUID, act: Act, limit: int = Query(100, ge=1, le=1000)) -> list[dict[str, Any]]:
    """What a person was told and is to be told, the newest first: for her, and for officers of the authority.

    She isn't shown what was to tell her because of a post, as the head of a school, the chair of its governors or for her
    trust, and was not sent before she left it (R0.8).
    """
    herself = act.principal.subject == str(person_id)
    officer = "la.officer" in act.principal.roles
    if not herself and not officer:
        raise Forbidden("These are the messages of somebody else.")

    async def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        rows = await in_post.messages_of(person_id, limit, uow, but_for_kept_from_her=not officer)
        desks = await letters.duty_desks({row.authority for row in rows}, uow)
        return [
            {
                **_state(row),
                "class": row.sensitivity,
                "urn": row.urn,
                "kind": row.kind,
                "sentence": sentence(item_of(row, settings().pages_url, desks), uow.today),
            }
            for row in rows
            if herself or row.authority in act.principal.authorities
        ]

    return await act.read(read)


@routes.get("/inspection-calls/{call_id}/messages", policy=needs("la.officer"))
async def messages_about_a_call(call_id: UUID, act: Act) -> list[dict[str, Any]]:
    """Who was written to about an inspection call, person or desk, and whether it went: where all failed, ring (W-16)."""
    rows = await act.read(lambda uow: messages.of_call(call_id, uow))
    return [
        {**_state(row), "person_id": row.person_id, "desk": row.details.get("desk")}
        for row in rows
        if row.authority in act.principal.authorities
    ]


@routes.get("/schools/{urn}/who-would-hear", policy=needs("la.officer"))
async def if_the_school_were_told(
    urn: str,
    act: Act,
    story: Annotated[list[UUID], Query(max_length=200)],
    chair_of_governors: UUID | None = None,
    trust: Annotated[list[ForTrust] | None, Query(max_length=50)] = None,
) -> dict[str, Any]:
    """Who would hear what if the school were recorded as told of these stories. Nobody hears by asking (R0.8).

    `trust`: a trust and who is written to for it, `7001:` and the person's id; nobody, where that is left out. Which
    stories a telling releases, who chairs the governors and who hears for a trust membership says:
    `GET /schools/{urn}/told/preview`.
    """
    hears = dict(each.split(":") for each in trust or ())
    trusts = {trust_id: UUID(person) if person else None for trust_id, person in hears.items()}

    async def read(uow: UnitOfWork) -> dict[str, Any]:
        here = await school_of(urn, uow)
        act.allow_authority(here.authority)
        found = await who_would_hear(uow, here, set(story), chair_of_governors, trusts)
        return {
            "urn": urn,
            "people": [
                {
                    **{name: getattr(each, name) for name in _WOULD_HEAR},
                    "sentence": sentence(item_of(each, settings().pages_url), uow.today),
                }
                for each in found.people
            ],
            "departments": [vars(each) for each in found.departments],
            "not_read_yet": found.not_read_yet,
        }

    return await act.read(read)


@routes.get("/messages", policy=needs("la.ops"))
async def messages_in(authority: str, act: Act, limit: int = Query(200, ge=1, le=1000)) -> list[dict[str, Any]]:
    """Ids and states of an authority's messages, the newest first: never who, which school, or what (N-04)."""
    act.allow_authority(authority)
    rows = await act.read(lambda uow: messages.of_authority(authority, limit, uow))
    return [_state(row) for row in rows]


@routes.get("/messages/progress", policy=needs("la.ops", "la.officer"))
async def messages_progress(act: Act) -> dict[str, int]:
    """How much is due and unsent, and how many changes are being told; all 0 once everybody has what they may have."""
    found = await act.read(messages.unsent)
    return {"messages": found.messages, "letters": found.letters, "stories": found.stories}


def _state(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _STATE}
