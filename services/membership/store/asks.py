"""Questions to officers that the register can't answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.membership.store.rows import as_each, as_one
from services.membership.store.two_kinds import STANDS_AS_ANOTHER_KIND
from services.membership.store.two_numbers import STAND_TWICE
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Ask:
    """A question to an officer that the register can't answer."""

    ask_id: UUID
    kind: str
    urn: str
    on: date
    why: str


async def ask(uow: UnitOfWork, asks: Sequence[Ask]) -> None:
    ordered = sorted(asks, key=lambda each: (each.kind, each.urn, each.on))
    if ordered:
        await uow.execute(
            "insert into ask (ask_id, kind, urn, on_date, why, asked_at) "
            "select id, kind, urn, on_date, why, $6::timestamptz "
            "from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[]) as n (id, kind, urn, on_date, why) "
            "order by kind, urn, on_date on conflict do nothing",
            [each.ask_id for each in ordered],
            [each.kind for each in ordered],
            [each.urn for each in ordered],
            [each.on for each in ordered],
            [each.why for each in ordered],
            uow.now,
        )


@dataclass(frozen=True)
class OpenAsk:
    ask_id: UUID
    kind: str
    urn: str
    school_name: str
    on: date
    why: str
    asked_at: datetime


def whose_inspection(number: str, kind: str) -> str:
    """The kind of question: whose the inspection is. One for each inspection."""
    return f"whose-inspection:{number}:{kind}"


def entered_before(number: str, kind: str) -> str:
    """The kind of question: whether an inspection is the school's that was entered before the register had the school."""
    return f"entered-before-the-register:{number}:{kind}"


def two_numbers(entered: str, listed: str, kind: str) -> str:
    """The kind of question: whether two inspections of one school and day are one, of which a number was mistyped."""
    return f"two-numbers:{entered}:{listed}:{kind}"


def end_of_term(term_id: UUID) -> str:
    """The kind of question: whether a term of office went on that had made room for another, which was a slip."""
    return f"end-of-term:{term_id}"


# Whoever corrects or withdraws one of two numbers has answered whether they are one inspection, and of two kinds which is
# right, as does a file that lists the other kind too;
# whoever enters a head for the school has answered who heads it; whoever enters its place, to which body it belongs;
# whoever enters an inspection for it, whose that is.
STILL_OPEN = f"""
    a.answered_at is null
    and not (a.kind like 'two-numbers:%' and not exists (
        {STAND_TWICE} and mine.inspection_number = split_part(a.kind, ':', 2)
        and theirs.inspection_number = split_part(a.kind, ':', 3) and mine.kind = split_part(a.kind, ':', 4)))
    and not (a.kind like 'other-kind:%' and not exists (
        {STANDS_AS_ANOTHER_KIND} and mine.inspection_number = split_part(a.kind, ':', 2)
        and mine.kind = split_part(a.kind, ':', 3) and mine.urn = split_part(a.kind, ':', 4)))
    and not (a.kind like 'whose-inspection:%' and exists (
        select from (select o.urn from outcome o
                     where (o.inspection_number, o.kind) = (split_part(a.kind, ':', 2), split_part(a.kind, ':', 3))
                     order by o.source_as_at desc, o.version desc limit 1) believed
        where believed.urn = a.urn or exists (
            select from continuity c where (c.urn, c.predecessor_urn) = (a.urn, believed.urn))))
    and not (a.kind like 'end-of-term:%' and not exists (
        select from term t where t.term_id::text = split_part(a.kind, ':', 2) and upper(t.during) = a.on_date))
    and not (a.kind = 'school-in-no-body' and exists (
        select from membership m where m.urn = a.urn and (upper_inf(m.during) or upper(m.during) > a.on_date)))
    and not (a.kind = 'head-of-continuing-school' and exists (
        select from headship h where h.urn = a.urn and (upper_inf(h.during) or upper(h.during) > a.on_date)))
"""


async def open_asks(uow: UnitOfWork, authority: str) -> list[OpenAsk]:
    """What an officer is asked about the authority's schools, the oldest first; of days to come too."""
    rows = await uow.rows(
        f"""
        select a.ask_id, a.kind, a.urn, s.name, a.on_date, a.why, a.asked_at
        from ask a join school s using (urn)
        where s.authority = $1 and {STILL_OPEN}
        order by a.asked_at, a.on_date, a.urn, a.kind
        """,
        authority,
    )
    return as_each(OpenAsk, rows)


async def anything_asked(uow: UnitOfWork, urns: Iterable[str]) -> bool:
    """Whether an officer is asked anything of one of these schools."""
    found: bool = await uow.value(
        "select exists (select from ask where urn = any($1::text[]) and answered_at is null)", sorted(set(urns))
    )
    return found


async def ask_of(uow: UnitOfWork, ask_id: UUID) -> Ask | None:
    row = await uow.row("select ask_id, kind, urn, on_date, why from ask where ask_id = $1", ask_id)
    return as_one(Ask, row) if row is not None else None


async def answer_ask(uow: UnitOfWork, ask_id: UUID, answer: str, answered_by: str) -> None:
    """What was answered first stays."""
    await uow.execute(
        "update ask set answer = $2, answered_by = $3, answered_at = $4::timestamptz "
        "where ask_id = $1 and answered_at is null",
        ask_id,
        answer,
        answered_by,
        uow.now,
    )


async def take_back_asks(uow: UnitOfWork, kind: str, urns: Iterable[str], on: date) -> None:
    """What nobody has answered of these schools as of a day is no question any more."""
    await uow.execute(
        "delete from ask where kind = $1 and urn = any($2::text[]) and on_date = $3::date and answered_at is null",
        kind,
        sorted(urns),
        on,
    )


async def ask_alone(uow: UnitOfWork, kind: str, urns: Iterable[str], asked: Iterable[tuple[str, date]]) -> None:
    """Of these schools nobody has to answer what else was asked for a day to come: it follows no more.

    ``asked``: what is still to be asked, by the school and the day.
    """
    await _take_back_all_but(uow, kind, urns, asked, after=uow.today)


async def ask_once(uow: UnitOfWork, kind: str, urns: Iterable[str], asks: Sequence[Ask]) -> None:
    """The same, and these are asked. Of a school that is asked of another day than of one that has come it is one question."""
    asked = [(each.urn, each.on) for each in asks]
    await ask_alone(uow, kind, urns, asked)
    if asked:
        await _take_back_all_but(uow, kind, {urn for urn, _ in asked}, asked, after=date.min)
        await ask(uow, asks)


async def _take_back_all_but(
    uow: UnitOfWork, kind: str, urns: Iterable[str], asked: Iterable[tuple[str, date]], *, after: date
) -> None:
    still = sorted(set(asked))
    await uow.execute(
        "delete from ask where kind = $1 and urn = any($2::text[]) and on_date > $3::date and answered_at is null "
        "and not exists (select from unnest($4::text[], $5::date[]) as n (urn, on_date) "
        "where (n.urn, n.on_date) = (ask.urn, ask.on_date))",
        kind,
        sorted(set(urns)),
        after,
        [urn for urn, _ in still],
        [day for _, day in still],
    )


async def reword_ask(uow: UnitOfWork, kind: str, urn: str, on: date, why: str) -> None:
    """What nobody has answered yet is asked for another reason. It is one question, since when it is asked."""
    await uow.execute(
        "update ask set why = $4 where kind = $1 and urn = $2 and on_date = $3::date and answered_at is null and why <> $4",
        kind,
        urn,
        on,
        why,
    )
