"""One inspection under two numbers: as somebody entered it by hand, and as Ofsted's file lists it (R0.1).

The file matches what was entered by its number. Where that was mistyped both stand, and only the school and the day on which
the inspection began give it away. Worked out from what is recorded, so the order in which the two came doesn't count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.membership.store.rows import as_each
from shared.store import UnitOfWork

ENTERED = "entered"  # the source of what an officer entered; a file's is its name

IS_WITHDRAWN = """
    coalesce((select d.withdrawn from outcome_decision d
              where (d.inspection_number, d.kind) = ({this}.inspection_number, {this}.kind)
              order by d.decision_id desc limit 1), false)
"""
IS_BELIEVED = """
    not exists (select from outcome later where (later.inspection_number, later.kind) = ({this}.inspection_number, {this}.kind)
                and (later.source_as_at, later.version) > ({this}.source_as_at, {this}.version))
"""
_IS_IN_A_FILE = f"""
    exists (select from outcome file where (file.inspection_number, file.kind) = ({{this}}.inspection_number, {{this}}.kind)
            and file.source <> '{ENTERED}')
"""
# Of two words on what may be one inspection: mine was entered by hand alone, and theirs a file has.
ENTERED_BESIDE_LISTED = f"""
    mine.source = '{ENTERED}'
      and {IS_BELIEVED.format(this="mine")} and not {IS_WITHDRAWN.format(this="mine")}
      and not {_IS_IN_A_FILE.format(this="mine")}
      and {IS_BELIEVED.format(this="theirs")} and not {IS_WITHDRAWN.format(this="theirs")}
      and {_IS_IN_A_FILE.format(this="theirs")}
"""
STAND_TWICE = f"""
    select mine.urn, mine.kind, mine.inspection_started_on as began, mine.inspection_number as entered,
           theirs.inspection_number as listed
    from outcome mine join outcome theirs
        on (theirs.urn, theirs.kind, theirs.inspection_started_on) = (mine.urn, mine.kind, mine.inspection_started_on)
        and theirs.inspection_number <> mine.inspection_number
    where {ENTERED_BESIDE_LISTED}
"""

# Asked at each record of outcomes, and nearly always of schools of which none does: so each school's outcomes are read once,
# and only where two of one day differ is it looked whether a file lists any of them.
_MAY_STAND_TWICE = f"""
    with alike as materialized (
        select urn, kind, array_agg(distinct inspection_number) as numbers
        from outcome where urn = any($1::text[])
        group by urn, kind, inspection_started_on
        having min(inspection_number) <> max(inspection_number) and bool_or(source = '{ENTERED}'))
    select distinct urn from alike
    where coalesce((select true from unnest(numbers) as n (number), lateral (
                        select from outcome file where (file.inspection_number, file.kind) = (n.number, alike.kind)
                            and file.source <> '{ENTERED}' limit 1) as listed
                    limit 1), false)
"""


@dataclass(frozen=True)
class TwoNumbers:
    """What may be one inspection: of which school it was, and under which number it was entered and is listed."""

    urn: str
    kind: str
    began: date
    entered: str
    listed: str

    @property
    def words(self) -> str:
        return (
            f"Inspection {self.listed} ({self.kind}) of {self.urn}, which began on {self.began:%-d %B %Y}, is listed by Ofsted "
            f"beside {self.entered}, which was entered by hand for the same school and day. If they are one, correct the "
            f"number that was entered (`outcome correct-number {self.entered} {self.listed}`); if not, answer that they are two"
        )


async def stand_twice(uow: UnitOfWork, urns: Iterable[str]) -> list[TwoNumbers]:
    """Of these schools."""
    rows = await uow.rows(_MAY_STAND_TWICE, sorted(set(urns)))
    if not rows:
        return []
    rows = await uow.rows(
        f"{STAND_TWICE} and mine.urn = any($1::text[]) order by 1, 2, 3, 4, 5", sorted(row.urn for row in rows)
    )
    return as_each(TwoNumbers, rows)


async def is_in_a_file(uow: UnitOfWork, inspection_number: str, kind: str) -> bool:
    """Whether any file has ever listed it under this number: then the number is Ofsted's."""
    found: bool = await uow.value(
        f"select exists (select from outcome o where (inspection_number, kind) = ($1, $2) and source <> '{ENTERED}')",
        inspection_number,
        kind,
    )
    return found
