"""The duty desk's queue: what waits there, since when, and what would cure it."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from services.membership.domain import failed_day
from services.membership.domain.desk_queue import (
    BEFORE_ALL,
    CALL_CURES,
    CLOCK_WAITS_CURE,
    CLOCK_WAITS_WHY,
    KEEP_OR_LIFT_CURE,
    LISTED_AGAIN_CURE,
    NO_MAILBOX,
    NOT_TOLD_CURE,
    OVERRIDE_ENDS_CURE,
    PROPOSAL_CURE,
    QUESTION_CURE,
    Kind,
    Place,
    cure_of,
)
from services.membership.domain.routing_policy import POLICIES
from services.membership.store import desk_queue as kept
from shared.calendar import calendar
from shared.refusal import Invalid
from shared.store import UnitOfWork

AT_MOST = 500
_CURSOR = re.compile(r"(\d)\.(\d{4})(\d{2})(\d{2})\.([a-z-]+)\.([0-9A-Za-z-]{1,40})")


class UnknownCursor(Invalid):
    def __init__(self) -> None:
        super().__init__("That is no place in this queue: leave it out to begin, or copy `next` of the page before")


def place_of(cursor: str | None) -> Place:
    """Raises UnknownCursor."""
    if not cursor:
        return BEFORE_ALL
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise UnknownCursor
    try:
        since = date(int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        raise UnknownCursor from None
    return Place(int(found[1]), since, found[5], found[6])


async def desk_queue(uow: UnitOfWork, authority: str, *, after: str | None, limit: int) -> dict[str, Any]:
    """One page, the most urgent first and of those the oldest; `next` is where the following page begins."""
    limit = max(1, min(limit, AT_MOST))
    with_chairs = [name for name, policy in POLICIES.items() if policy.chairs]
    found = await kept.page(uow, authority, place_of(after), at_most=limit + 1, with_chairs=with_chairs)
    items = sorted(
        ((Place(row.urgency, row.since, kind.value, row.subject), row) for kind, rows in found.items() for row in rows),
        key=lambda item: (item[0].urgency, item[0].since, item[0].kind, item[0].subject),
    )
    shown = items[:limit]
    return {
        "authority": authority,
        "on": uow.today,
        "items": [_item(place, row, uow.today) for place, row in shown],
        "next": shown[-1][0].as_cursor() if len(items) > limit else None,
    }


def _item(place: Place, row: Any, today: date) -> dict[str, Any]:
    return {
        "kind": place.kind,
        "urgency": place.urgency,
        "urn": row.urn,
        "school_name": row.name,
        "since": place.since,
        "days": (today - place.since).days,
        "working_days": calendar().working_days(place.since, today),
        **_PARTICULARS[Kind(place.kind)](row),
    }


def _clock(row: Any) -> dict[str, Any]:
    """Whether any call waits for it isn't said: not everybody who sees the queue may know of each (R0.8)."""
    return {"why": CLOCK_WAITS_WHY, "cure": CLOCK_WAITS_CURE}


def _call(row: Any) -> dict[str, Any]:
    """Of a call that reached a desk without a mailbox nobody else tells."""
    cure = CALL_CURES[row.role]
    if not row.mailbox:
        cure = f"{cure}. {NO_MAILBOX.format(desk=row.role.replace('-', ' '))}"
    return {"call_id": row.subject, "called_on": row.called_on, "desk": row.role, "mailbox": row.mailbox, "cure": cure}


def _desk(row: Any) -> dict[str, Any]:
    """Both matters, each by its rule: one cure may do for both."""
    answers = [
        {"matter": matter, "rule": rule, "reason": reason, "since": since, "cure": cure_of(rule)}
        for matter, rule, reason, since in zip(row.matters, row.rules, row.reasons, row.sinces, strict=True)
    ]
    cures = list(dict.fromkeys(answer["cure"] for answer in answers))
    return {"category": row.category, "answers": answers, "cure": "; ".join(cures)}


def _day_failed(row: Any) -> dict[str, Any]:
    return {
        "failure_id": row.subject,
        "body_id": row.body_id,
        "body_name": row.body_name,
        "item": failed_day.words_of(row.item),
        "on": row.on_date,
        "why": row.because,
        "lines_waiting": row.lines_waiting,
        "cure": failed_day.cure_of(row.item),
    }


def _not_told(row: Any) -> dict[str, Any]:
    return {"changes": row.changes, "cure": NOT_TOLD_CURE}


def _proposal(row: Any) -> dict[str, Any]:
    return {
        "proposal_id": row.subject,
        "proposed_category": row.proposed_category,
        "inspection_number": row.inspection_number,
        "cure": PROPOSAL_CURE,
    }


def _keep_or_lift(row: Any) -> dict[str, Any]:
    return {
        "review_id": row.subject,
        "entry_id": row.entry_id,
        "category": row.category,
        "cause": row.cause,
        "cause_on": row.cause_on,
        "cure": KEEP_OR_LIFT_CURE,
    }


def _question(row: Any) -> dict[str, Any]:
    return {"ask_id": row.subject, "about": row.about, "on": row.on_date, "why": row.why, "cure": QUESTION_CURE}


def _listed_again(row: Any) -> dict[str, Any]:
    return {
        "inspection_number": row.inspection_number,
        "outcome_kind": row.outcome_kind,
        "withdrawn_on": row.withdrawn_on,
        "listed_on": row.listed_on,
        "why": f"Ofsted's file of {row.listed_on:%-d %B %Y} lists inspection {row.inspection_number} again, "
        f"which was withdrawn on {row.withdrawn_on:%-d %B %Y}",
        "cure": LISTED_AGAIN_CURE,
    }


def _override(row: Any) -> dict[str, Any]:
    return {
        "override_id": row.subject,
        "matter": row.matter,
        "person_id": row.person_id,
        "until": row.until,
        "reason": row.reason,
        "cure": OVERRIDE_ENDS_CURE,
    }


def _no_body(row: Any) -> dict[str, Any]:
    return {"cure": cure_of("no-body")}


_PARTICULARS: dict[Kind, Callable[[Any], dict[str, Any]]] = {
    Kind.CLOCK_WAITS: _clock,
    Kind.INSPECTION_CALL: _call,
    Kind.DESK_ANSWERS: _desk,
    Kind.DAY_FAILED: _day_failed,
    Kind.NOT_TOLD: _not_told,
    Kind.PROPOSAL: _proposal,
    Kind.KEEP_OR_LIFT: _keep_or_lift,
    Kind.QUESTION: _question,
    Kind.LISTED_AGAIN: _listed_again,
    Kind.OVERRIDE_ENDS: _override,
    Kind.NO_BODY: _no_body,
}
