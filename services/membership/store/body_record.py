"""What was ever entered of a body's officers and of its closing, with the days on which it was what was known (R0.4)."""

from services.membership.domain.body import Body
from services.membership.domain.body_contact import BodyRecord, ClosingEntered, TermEntered
from services.membership.domain.office import Term
from services.membership.store.rows import as_one
from shared.store import UnitOfWork

# By the end of the day on which it was recorded it was known. What is there from the beginning was always known.
_ON = "(greatest({moment}, timestamptz '1900-01-01 12:00+00') at time zone 'Europe/London')::date"
_KNOWN_FROM, _KNOWN_UNTIL = _ON.format(moment="recorded_at"), _ON.format(moment="replaced_at")
_TERM = "term_id, office_id, body_id, post, person_id, lower(during), upper(during), route"


async def body_record(uow: UnitOfWork, body: Body) -> BodyRecord:
    terms = await uow.rows(
        f"select {_KNOWN_FROM} as known_from, null::date as known_until, {_TERM} from term where body_id = $1 union all "
        f"select {_KNOWN_FROM}, {_KNOWN_UNTIL}, {_TERM} from term_past where body_id = $1",
        body.body_id,
    )
    closings = await uow.rows(
        f"select {_KNOWN_FROM} as known_from, null::date as known_until, closed_on from body where body_id = $1 union all "
        f"select {_KNOWN_FROM}, {_KNOWN_UNTIL}, closed_on from body_past where body_id = $1",
        body.body_id,
    )
    return BodyRecord(
        body.body_id,
        body.opened_on,
        [TermEntered(row.known_from, row.known_until, as_one(Term, tuple(row)[2:])) for row in terms],
        [as_one(ClosingEntered, row) for row in closings],
    )
