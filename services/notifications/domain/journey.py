"""The journey of a change: every event with its correlation id, in causal order, for the eyes that may see it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.notifications.domain.departments import CLASSES, MAY_KNOW, Department


@dataclass(frozen=True)
class Step:
    """One event of a journey: ids, type and class; its data stays with the services."""

    event_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    service: str
    type: str
    key: str | None
    subject: str | None
    authority: str
    sensitivity: str
    type_sensitivity: str
    told: bool
    time: datetime
    traceparent: str | None
    batch_id: UUID | None
    at_no_desk: bool = False  # of an inspection call about which no desk of the council was asked

    @property
    def urn(self) -> str | None:
        """The school that it is about; nothing where it is about no single one."""
        return self.subject if "/school/" in (self.key or "") else None


@dataclass(frozen=True)
class Placed:
    """A step with its place in the tree of causes."""

    step: Step
    depth: int
    # The number of the step that caused it in this list, from 0; none for a step that nothing visible caused.
    parent: int | None


@dataclass(frozen=True)
class Viewer:
    """Whose eyes: the authorities they belong to, the classes they may know, and whether they see ids alone."""

    authorities: frozenset[str]
    classes: frozenset[str]
    before_the_school: bool
    ids_only: bool
    every_call: bool = False  # also an inspection call about which no desk was asked: officers, ops by ids (W-16)


def viewer(roles: Collection[str], departments: Collection[str], authorities: Collection[str]) -> Viewer:
    """What somebody with these roles, or of these departments, sees: the widest counts.

    Ops alone follows every step, by ids only (R0.8): one step of a story that names a school says whom all of them are about.
    """
    classes: set[str] = set()
    before_the_school = False
    if "la.officer" in roles:
        classes |= set(CLASSES)
        before_the_school = True
    for name in departments:
        if name in set(Department):
            department = Department(name)
            classes |= MAY_KNOW[department]
            before_the_school |= department is Department.SCHOOL_IMPROVEMENT
    ids_only = not classes and "la.ops" in roles
    if ids_only:
        classes, before_the_school = set(CLASSES), True
    every_call = "la.officer" in roles or ids_only
    return Viewer(frozenset(authorities), frozenset(classes), before_the_school, ids_only, every_call)


def visible(steps: Iterable[Step], eyes: Viewer, told: Collection[tuple[UUID, str | None]] = ()) -> list[Step]:
    """The steps that these eyes may see. `told` are the correlation ids of changes, each with a school that knows of it,
    and with none for what is about no single school.

    The class of the record and that of its type must both admit them. A restricted type whose record happens to be
    public stays hidden too: else its absence, where the record is restricted, would tell that it is.
    A cause that is hidden is not named either: its id would tell that there was one.
    """
    shown = [
        step
        for step in steps
        if step.authority in eyes.authorities
        and {step.sensitivity, step.type_sensitivity} <= eyes.classes
        and (step.told or eyes.before_the_school or (step.correlation_id, step.urn) in told)
        and (eyes.every_call or not step.at_no_desk)
    ]
    known = {step.event_id for step in shown}
    shown = [step if step.causation_id in known else replace(step, causation_id=None) for step in shown]
    if eyes.ids_only:
        return [replace(step, subject=None, key=None) for step in shown]
    return shown


def may_trace(steps: Iterable[Step], eyes: Viewer) -> bool:
    """A trace tells every step of the change, so its address is for those only who may know of all of them."""
    return eyes.before_the_school and (eyes.every_call or not any(step.at_no_desk for step in steps))


def in_causal_order(steps: Iterable[Step]) -> list[Placed]:
    """Each step after its cause; the steps of one cause by time, and by id (minted in order) where times are alike.

    A step whose cause is not here (not read yet, or not for these eyes) begins a tree of its own.
    """
    by_id = {step.event_id: step for step in steps}
    children: dict[UUID | None, list[Step]] = {}
    for step in by_id.values():
        cause = step.causation_id if step.causation_id in by_id and step.causation_id != step.event_id else None
        children.setdefault(cause, []).append(step)
    for group in children.values():
        group.sort(key=lambda step: (step.time, step.event_id))

    placed: list[Placed] = []
    seen: set[UUID] = set()
    # Causes can't form a ring, but what others sent may say so: then the earliest of the ring begins a tree.
    for first in [*children.get(None, []), *sorted(by_id.values(), key=lambda step: (step.time, step.event_id))]:
        stack: list[tuple[Step, int, int | None]] = [(first, 0, None)]
        while stack:
            step, depth, parent = stack.pop()
            if step.event_id in seen:
                continue
            seen.add(step.event_id)
            here = len(placed)
            placed.append(Placed(step, depth, parent))
            stack.extend((child, depth + 1, here) for child in reversed(children.get(step.event_id, [])))
    return placed


def trace_id(traceparent: str | None) -> str | None:
    """The trace to open for this step; none when it was not sampled, since there is nothing to open then."""
    if not traceparent:
        return None
    parts = traceparent.split("-")
    if len(parts) != 4 or len(parts[1]) != 32:
        return None
    try:
        sampled = int(parts[3], 16) & 1
    except ValueError:
        return None
    return parts[1] if sampled else None
