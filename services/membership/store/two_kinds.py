"""One inspection as of two kinds: as somebody entered it by hand, and as Ofsted's files list it (R0.1).

A file matches what was entered by number and kind, since an inspection that was converted is listed as both, graded and
ungraded. Where the wrong kind was entered both stand, and no file ever lists the one. Nobody can tell that from a conversion
of which a later file has the other half, so it is asked about. Worked out from what is recorded, in whatever order it came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.membership.store.rows import as_each
from services.membership.store.two_numbers import ENTERED, ENTERED_BESIDE_LISTED
from shared.store import UnitOfWork

STANDS_AS_ANOTHER_KIND = f"""
    select mine.urn, mine.inspection_number as number, mine.kind as entered, theirs.kind as listed,
           theirs.urn as listed_for, mine.published_on
    from outcome mine join outcome theirs
        on theirs.inspection_number = mine.inspection_number and theirs.kind <> mine.kind
    where {ENTERED_BESIDE_LISTED}
"""


def other_kind(number: str, entered: str, urn: str) -> str:
    """The kind of question: whether an inspection is of the kind as of which it was entered for a school."""
    return f"other-kind:{number}:{entered}:{urn}"


@dataclass(frozen=True)
class OtherKind:
    """An inspection that files list, but not as of the kind that was entered by hand."""

    urn: str
    number: str
    entered: str
    listed: str
    listed_for: str
    published_on: date

    @property
    def identity(self) -> tuple[str, str]:
        return (self.number, self.entered)

    @property
    def question(self) -> str:
        return other_kind(self.number, self.entered, self.urn)

    @property
    def words(self) -> str:
        return (
            f"Ofsted's file lists inspection {self.number} of {self.listed_for} as {self.listed} only; it was entered by hand "
            f"as {self.entered} for {self.urn}, which counts beside it. If the kind was a slip, withdraw what was entered "
            f"(`outcome withdraw {self.number} --kind {self.entered}`); if the number was, correct it (`outcome correct-number "
            f"{self.number} RIGHT --kind {self.entered}`). If an ungraded inspection was converted to a graded one both are "
            "right, and the question ends once a file lists both"
        )


async def stand_as_another_kind(uow: UnitOfWork, numbers: Iterable[str]) -> list[OtherKind]:
    """Of these inspections those of which nobody was asked before."""
    rows = await uow.rows(
        f"{STANDS_AS_ANOTHER_KIND} and mine.inspection_number = any($1::text[]) and not exists (select from ask "
        "where ask.kind = concat_ws(':', 'other-kind', mine.inspection_number, mine.kind, mine.urn)) order by 1, 2, 3",
        sorted(set(numbers)),
    )
    return as_each(OtherKind, rows)


async def in_no_file(uow: UnitOfWork, numbers: Iterable[str]) -> set[tuple[str, str]]:
    """Of these inspections those that were entered by hand and that no file has listed as of their kind."""
    rows = await uow.rows(
        "select inspection_number, kind from outcome where inspection_number = any($1::text[]) "
        f"group by inspection_number, kind having bool_and(source = '{ENTERED}')",
        sorted(set(numbers)),
    )
    return {(row.inspection_number, row.kind) for row in rows}
