"""Lines of a file that wait for a school that stands still, and when they may go on (docs/decisions/0022).

Files in any order end in the same state, with one exception: what two lines of one kind and day say of the same thing.
So a line waits for its school, and behind each line before it that waits for the same school or says something of the
same thing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

AFTER_ALL = 0  # stands for what follows from a file as a whole

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SetAside:
    """``says``: of which things the line says something. ``waits_for``: the schools, of which none may stand still."""

    import_id: UUID
    line: int
    says: frozenset[str]
    waits_for: frozenset[str]


def schools_in(row: Row) -> frozenset[str]:
    """The schools that a line names. It may concern others, by what the register knows of these."""
    named = {row.get("urn"), row.get("linked_urn"), *(each["urn"] for each in row.get("outcomes", ()))}
    return frozenset(each for each in named if each)


def things_in(kind: str, row: Row) -> frozenset[str]:
    inspections = {f"inspection {each['inspection_number']}" for each in row.get("outcomes", ())}
    named = [row.get(name) for name in ("urn", "linked_urn")] if kind != "groups" else [row["trust_id"]]
    return frozenset({" ".join([kind, *(each for each in named if each)])} | inspections)


def part(
    import_id: UUID,
    kind: str,
    numbered: Iterable[tuple[int, Row]],
    still: Collection[str],
    before: Iterable[SetAside],
) -> tuple[list[Row], list[SetAside]]:
    """The lines that may be applied, and those that have to wait.

    ``still``: schools that stand still. ``before``: the lines that wait already.
    """
    behind = {urn: frozenset({urn}) for urn in still}
    for each in before:
        _note(behind, each)
    rows: list[Row] = []
    aside: list[SetAside] = []
    for line, row in numbered:
        things = things_in(kind, row)
        waits_for = frozenset[str]().union(*(behind[each] for each in schools_in(row) | things if each in behind))
        if not waits_for:
            rows.append(row)
            continue
        aside.append(SetAside(import_id, line, things, waits_for))
        _note(behind, aside[-1])
    return rows, aside


def _note(behind: dict[str, frozenset[str]], waiting: SetAside) -> None:
    behind |= {urn: frozenset({urn}) for urn in waiting.waits_for}
    behind |= {each: behind.get(each, frozenset()) | waiting.waits_for for each in waiting.says}


def may_go(waiting: Sequence[SetAside], still: Collection[str]) -> list[SetAside]:
    """Those of these lines, given in their order, that have to wait no longer."""
    kept_back = set(still)
    found = []
    for each in waiting:
        if kept_back & (each.waits_for | each.says):
            kept_back |= each.waits_for | each.says
        else:
            found.append(each)
    return found
