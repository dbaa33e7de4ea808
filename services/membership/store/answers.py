"""The history of answers: a row for each matter and time. As they are, and as schools know them that wait to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.representation import Role, Speaker
from services.membership.domain.routing_policy import Matter, RoutingPolicy
from services.membership.domain.standing import Standing
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Record:
    """The tables of one record of standings and answers, and the view of answers with the days on which they hold."""

    standings: str
    answers: str
    periods: str


AS_IS = Record("representation", "answer", "speaker")
AS_TOLD = Record("representation_as_told", "answer_as_told", "speaker_as_told")  # docs/decisions/0013


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
    """Each answer holds until the next, so the one before needs no end. A day's last answer is its answer."""
    if changed := [answer for each in ordered for answer in _differing(each, before[each.urn])]:
        await uow.execute(_SAVE.format(answers=of.answers), *_columns(changed), uow.now)


def _differing(decided: Decided, known: Recorded) -> Iterable[_Answer]:
    category_differs = known.category != decided.standing.category.value
    for matter, old, new in (
        (Matter.GENERAL, known.general, decided.standing.general),
        (Matter.INSPECTION, known.inspection, decided.standing.inspection),
    ):
        if old != new or (new is not None and category_differs):
            yield _Answer(decided, matter, new)


_WHAT = """
    role, rule, reason, office_id, body_id, trust_id, person_id, category, shows_restricted, policy, policy_version,
    correlation_id
"""
_SAVE = f"""
    insert into {{answers}} (urn, matter, from_date, {_WHAT}, recorded_at)
    select urn, matter, from_date, {_WHAT}, $16::timestamptz
    from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
                $9::text[], $10::uuid[], $11::integer[], $12::boolean[], $13::text[], $14::integer[], $15::uuid[])
         as new (urn, matter, from_date, {_WHAT})
    order by urn, matter
    on conflict (urn, matter, from_date) do update set
        {", ".join(f"{column} = excluded.{column}" for column in (*_WHAT.replace(",", " ").split(), "recorded_at"))}
"""


NOBODY = Speaker(Role.DUTY_DESK, "", "")  # stands for the columns of an answer without a role


def _columns(answers: Sequence[_Answer]) -> list[list[object]]:
    rows = []
    for answer in answers:
        each, speaker = answer.decided, answer.speaker or NOBODY
        rows.append(
            (
                each.urn,
                answer.matter.value,
                each.day,
                speaker.role.value if answer.speaker else None,
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
