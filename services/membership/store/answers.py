"""The history of answers: a row for each matter and time. As they are, and as schools know them that wait to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.representation import Speaker
from services.membership.domain.routing_policy import Matter, RoutingPolicy
from services.membership.domain.standing import Standing
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Record:
    """The tables of one record of standings and answers."""

    standings: str
    answers: str


AS_IS = Record("representation", "speaker")
AS_TOLD = Record("representation_as_told", "speaker_as_told")  # docs/decisions/0013


@dataclass(frozen=True)
class Recorded:
    """What was decided last for a school. ``settled_on`` None: nothing was decided yet."""

    urn: str
    settled_on: date | None
    category: int | None
    because: str
    because_ref: str
    restricted: bool
    public_category: int | None
    public_role: str | None
    general: Speaker | None
    inspection: Speaker | None
    since: Mapping[Matter, date]  # from when the present answers are in force


@dataclass(frozen=True)
class Decided:
    """What is decided now, and from which day on."""

    urn: str
    day: date
    standing: Standing
    is_open: bool
    next_due: date | None
    policy: RoutingPolicy
    correlation_id: UUID


@dataclass(frozen=True)
class _Answer:
    """One answer that differs from the one before it; ``speaker`` None: nobody is to be named any more."""

    decided: Decided
    matter: Matter
    speaker: Speaker | None


async def save_answers(uow: UnitOfWork, ordered: Sequence[Decided], before: Mapping[str, Recorded], of: Record) -> None:
    """A day's last answer is its answer: one that began this very day is written over, an older one is closed."""
    changed = [answer for each in ordered for answer in _differing(each, before[each.urn])]
    again: list[_Answer] = []
    fresh: list[_Answer] = []
    for answer in changed:
        since = before[answer.decided.urn].since.get(answer.matter)
        (again if since is not None and since >= answer.decided.day else fresh).append(answer)
    withdrawn = [answer for answer in again if answer.speaker is None]
    if withdrawn:
        await uow.execute(
            f"delete from {of.answers} s using unnest($1::text[], $2::text[]) as n (urn, matter) "
            "where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during)",
            [answer.decided.urn for answer in withdrawn],
            [answer.matter.value for answer in withdrawn],
        )
    closing = [answer for answer in fresh if answer.matter in before[answer.decided.urn].since]
    if closing:
        await uow.execute(
            f"""
            update {of.answers} s set during = daterange(lower(s.during), n.day)
            from unnest($1::text[], $2::text[], $3::date[]) as n (urn, matter, day)
            where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during)
            """,
            [answer.decided.urn for answer in closing],
            [answer.matter.value for answer in closing],
            [answer.decided.day for answer in closing],
        )
    written_over = [answer for answer in again if answer.speaker is not None]
    if written_over:
        await uow.execute(_write_over(of), *_columns(written_over), uow.now)
    begun = [answer for answer in fresh if answer.speaker is not None]
    if begun:
        await uow.execute(_begin(of), *_columns(begun), uow.now)


def _differing(decided: Decided, known: Recorded) -> Iterable[_Answer]:
    category_differs = known.category != decided.standing.category.value
    for matter, old, new in (
        (Matter.GENERAL, known.general, decided.standing.general),
        (Matter.INSPECTION, known.inspection, decided.standing.inspection),
    ):
        if old != new or (new is not None and category_differs):
            yield _Answer(decided, matter, new)


_NEW = """
    unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::text[],
           $10::uuid[], $11::integer[], $12::boolean[], $13::text[], $14::integer[], $15::uuid[])
    as n (urn, matter, day, role, rule, reason, office_id, body_id, trust_id, person_id, category, shows_restricted,
          policy, policy_version, correlation_id)
"""


def _begin(of: Record) -> str:
    return f"""
    insert into {of.answers} (urn, matter, during, role, rule, reason, office_id, body_id, trust_id, person_id, category,
                         shows_restricted, policy, policy_version, correlation_id, recorded_at)
    select urn, matter, daterange(day, null), role, rule, reason, office_id, body_id, trust_id, person_id, category,
           shows_restricted, policy, policy_version, correlation_id, $16::timestamptz
    from {_NEW}
"""


def _write_over(of: Record) -> str:
    return f"""
    update {of.answers} s
    set role = n.role, rule = n.rule, reason = n.reason, office_id = n.office_id, body_id = n.body_id,
        trust_id = n.trust_id, person_id = n.person_id, category = n.category, shows_restricted = n.shows_restricted,
        policy = n.policy, policy_version = n.policy_version, correlation_id = n.correlation_id,
        recorded_at = $16::timestamptz
    from {_NEW}
    where s.urn = n.urn and s.matter = n.matter and upper_inf(s.during) and s.urn = any($1::text[])
"""


def _columns(answers: Sequence[_Answer]) -> list[list[object]]:
    rows = []
    for answer in answers:
        each, speaker = answer.decided, answer.speaker
        assert speaker is not None
        rows.append(
            (
                each.urn,
                answer.matter.value,
                each.day,
                speaker.role.value,
                speaker.rule,
                speaker.reason,
                speaker.office_id,
                speaker.body_id,
                speaker.trust_id,
                speaker.person_id,
                each.standing.category.value,
                each.standing.restricted,
                each.policy.name,
                each.policy.version,
                each.correlation_id,
            )
        )
    return [list(column) for column in zip(*rows, strict=True)]
