"""Tables with a history, read as they are now or as they stood at the end of a day (R0.4)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row

from shared.clock import LONDON
from shared.store import UnitOfWork

FAR = datetime(9999, 1, 1, tzinfo=UTC)  # before this moment everything is known

_CONTINUITY = "urn, predecessor_urn, merged, from_date"
_CONTINUITY_AS_KNOWN = f"""
    (select {_CONTINUITY} from continuity where recorded_at < $2::timestamptz union all
     select {_CONTINUITY} from continuity_past where recorded_at < $2::timestamptz and replaced_at >= $2::timestamptz)
"""


class AsKnown:
    """Where rows are read: as they are now, or as they stood before a moment."""

    def __init__(self, uow: UnitOfWork, known: date | None):
        self.uow = uow
        self.before = _end_of(known) if known is not None else FAR

    @property
    def closing(self) -> str:
        """SQL for the day on which the body of a row closes, as it was known: a closing is corrected and withdrawn (R0.4)."""
        known = "body"
        if self.before is not FAR:
            known = (
                "(select body_id, closed_on from body where recorded_at < $2::timestamptz union all "
                "select body_id, closed_on from body_past "
                "where recorded_at < $2::timestamptz and replaced_at >= $2::timestamptz)"
            )
        return f"(select b.closed_on from {known} b where b.body_id = {{this}}.body_id)"

    async def rows(self, table: str, columns: str, shown: str, where: str, ids: Sequence[object]) -> Sequence[Row[Any]]:
        """The rows of a table with a history, for a list of ids that ``where`` names as $1."""
        if not ids:
            return []
        if self.before is FAR:
            shown = shown.replace("{this}", table)
            return await self.uow.rows(f"select {shown} from {table} where {where}", ids)
        shown = shown.replace("{this}", "known")
        return await self.uow.rows(
            f"select {shown} from (select {columns}, recorded_at from {table} where {where} and recorded_at < $2::timestamptz "
            f"union all select {columns}, recorded_at from {table}_past "
            f"where {where} and recorded_at < $2::timestamptz and replaced_at >= $2::timestamptz) as known",
            ids,
            self.before,
        )

    async def steps(self, urns: Sequence[str]) -> Sequence[Row[Any]]:
        """Which school continues which, from these schools back to the first. A ring of them adds nothing new and ends."""
        if not urns:
            return []
        known, moment = ("continuity", ()) if self.before is FAR else (_CONTINUITY_AS_KNOWN, (self.before,))
        return await self.uow.rows(
            f"with recursive step as (select {_CONTINUITY} from {known} c where urn = any($1::text[]) union "
            f"select c.urn, c.predecessor_urn, c.merged, c.from_date from step s join {known} c on c.urn = s.predecessor_urn) "
            f"select {_CONTINUITY} from step order by urn, predecessor_urn",
            urns,
            *moment,
        )


def _end_of(day: date) -> datetime:
    """The moment at which the day is over in London."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)
