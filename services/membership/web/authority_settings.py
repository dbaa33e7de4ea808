"""What an authority has set for itself, over HTTP."""

from datetime import time
from typing import Any

from fastapi import Response
from pydantic import Field

from services.membership.store.authority_settings import AuthoritySettings, settings_of
from services.membership.use_cases.authority_settings import set_settings
from services.membership.web.allowed import routes
from services.membership.web.requests import Body
from shared.calendar import calendar, term_dates_in_words
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class SetSettings(Body):
    """All of it at once: what is left out is not stated."""

    answer_minutes: int | None = Field(
        default=None, ge=1, le=1440, description="In school hours, before the next in line is asked; not stated: 30"
    )
    hours_from: time | None = Field(default=None, description="When school hours begin, in London; not stated: 08:00")
    hours_until: time | None = Field(default=None, description="When they end; not stated: 17:00")
    schools_a_leader: int | None = Field(
        default=None, ge=0, description="How many schools a system leader has at most without a reason; not stated: any"
    )
    reason: str = Field(min_length=1)


@routes.get("/authorities/{code}/settings", policy=needs("la.officer", "la.school-improvement"))
async def get_settings(code: str, act: Act) -> dict[str, Any]:
    """What the authority has set; null: not stated. And until when its term dates are known here."""
    act.allow_authority(code)
    return await act.read(lambda uow: _read(uow, code))


@routes.post("/authorities/{code}/settings", policy=needs("la.officer"), status_code=201)
async def post_settings(code: str, body: SetSettings, act: Act) -> Response:
    """A new version of what the authority has set."""
    act.allow_authority(code)
    wanted = AuthoritySettings(
        code,
        answer_minutes=body.answer_minutes,
        hours_from=body.hours_from,
        hours_until=body.hours_until,
        schools_a_leader=body.schools_a_leader,
    )

    async def work(uow: UnitOfWork) -> AuthoritySettings:
        return await set_settings(uow, wanted, reason=body.reason, set_by=act.principal.subject)

    return await act.once(work)


async def _read(uow: UnitOfWork, code: str) -> dict[str, Any]:
    known_until = calendar().known_until(code)
    said, cure = term_dates_in_words(code, known_until, uow.today)
    return {
        **vars(await settings_of(uow, code)),
        "term_dates_known_until": known_until,
        "term_dates": f"{said}. {cure}" if cure else said,
    }
