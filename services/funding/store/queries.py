"""What finance sees: rows straight from SQL, for the authorities that the caller may see."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from shared.refusal import NotFound
from shared.store import UnitOfWork

PAYABLE = {"maintained": "journal", "academy": "trust"}


class NoSuchBody(NotFound):
    def __init__(self, body_id: UUID):
        super().__init__(f"Funding knows of no consortium, network or group {body_id}")
        self.body_id = body_id


class ShareView(BaseModel):
    urn: str
    school: str | None = Field(description="Absent until the register's line of the school has arrived")
    days: int
    pence: int
    payable_by: str | None = Field(description="journal to a maintained school, or trust, naming the school")
    trust_id: str | None
    trust_name: str | None


class DaysView(BaseModel):
    from_date: date
    until: date = Field(description="First day no longer in it")
    days: int
    urn: str | None
    why_unawarded: str | None


class AwardView(BaseModel):
    """An entitlement, not a payment."""

    award_id: UUID
    body_id: UUID
    body: str | None
    authority: str
    year_from: date
    year_to: date = Field(description="First day after the award year")
    amount_pence: int
    version: int
    shares: list[ShareView]
    unawarded_days: int
    unawarded_pence: int
    days: list[DaysView]


class PostingView(BaseModel):
    account: str
    urn: str | None
    pence: int = Field(description="A debit is positive, a credit negative")


class EntryView(BaseModel):
    entry_id: UUID
    award_id: UUID
    year_from: date
    version: int
    belongs_on: date
    recorded_on: date
    reverses: UUID | None
    correlation_id: UUID
    postings: list[PostingView]


class BalanceView(BaseModel):
    authority: str
    body_id: UUID
    body: str
    account: str
    urn: str | None
    pence: int = Field(description="A debit is positive, a credit negative")


class BalancesView(BaseModel):
    as_at: date
    balances: list[BalanceView]
    sum_pence: int = Field(description="Nothing, in every double-entry ledger")


async def authority_of(uow: UnitOfWork, body_id: UUID) -> str:
    """Raises NoSuchBody."""
    authority = await uow.value("select authority from body where body_id = $1", body_id)
    if authority is None:
        raise NoSuchBody(body_id)
    return str(authority)


async def awards(
    uow: UnitOfWork, authorities: Collection[str], body_id: UUID | None, year: int | None
) -> list[AwardView]:
    rows = await uow.rows(
        """
        select a.award_id, a.body_id, b.name as body, b.authority, a.year_from, a.year_to, a.amount_pence, a.version,
            v.unawarded_days, v.unawarded_pence,
            coalesce(shares.shares, '[]') as shares, coalesce(stretches.days, '[]') as days
        from award a
        join body b using (body_id)
        join award_version v using (award_id, version)
        left join lateral (
            select json_agg(json_build_object(
                'urn', s.urn, 'school', school.name, 'days', s.days, 'pence', s.pence, 'sector', school.sector,
                'trust_id', school.trust_id, 'trust_name', school.trust_name) order by s.urn) as shares
            from award_share s left join school using (urn)
            where s.award_id = a.award_id and s.version = a.version
        ) shares on true
        left join lateral (
            select json_agg(json_build_object(
                'from_date', lower(during), 'until', upper(during), 'days', upper(during) - lower(during),
                'urn', urn, 'vacant', vacant) order by lower(during)) as days
            from award_stretch d where d.award_id = a.award_id and d.version = a.version
        ) stretches on true
        where b.authority = any($1::text[]) and ($2::uuid is null or a.body_id = $2)
            and ($3::integer is null or extract(year from a.year_from) = $3)
        order by b.authority, b.name, a.body_id, a.year_from
        """,
        sorted(authorities),
        body_id,
        year,
    )
    return [
        AwardView(
            **{
                **row._mapping,
                "shares": [_share(share) for share in row.shares],
                "days": [_days(stretch) for stretch in row.days],
            }
        )
        for row in rows
    ]


async def ledger(uow: UnitOfWork, body_id: UUID) -> list[EntryView]:
    rows = await uow.rows(
        """
        select e.entry_id, e.award_id, a.year_from, e.version, e.belongs_on, e.recorded_on, e.reverses,
            e.correlation_id,
            json_agg(json_build_object('account', account.kind, 'urn', account.urn, 'pence', p.pence) order by p.line)
                as postings
        from award a join entry e using (award_id) join posting p using (entry_id) join account using (account_id)
        where a.body_id = $1
        group by e.entry_id, a.year_from
        order by e.recorded_at, e.version, e.entry_id
        """,
        body_id,
    )
    return [EntryView(**row._mapping) for row in rows]


async def balances(uow: UnitOfWork, authorities: Collection[str], body_id: UUID | None, as_at: date) -> BalancesView:
    """What each account held when that day was over: by what was recorded by then, so that it never changes."""
    rows = await uow.rows(
        """
        select b.authority, b.body_id, b.name as body, account.kind as account, account.urn, sum(p.pence)::bigint as pence
        from body b join account using (body_id) join posting p using (account_id) join entry e using (entry_id)
        where b.authority = any($1::text[]) and ($2::uuid is null or b.body_id = $2) and e.recorded_on <= $3
        group by b.authority, b.body_id, account.account_id
        having sum(p.pence) <> 0
        order by b.authority, b.name, b.body_id, account.kind, account.urn
        """,
        sorted(authorities),
        body_id,
        as_at,
    )
    views = [BalanceView(**row._mapping) for row in rows]
    return BalancesView(as_at=as_at, balances=views, sum_pence=sum(view.pence for view in views))


def _share(share: dict[str, Any]) -> ShareView:
    sector = share.pop("sector")
    return ShareView(**share, payable_by=PAYABLE.get(sector))


def _days(stretch: dict[str, Any]) -> DaysView:
    why = None
    if stretch["urn"] is None:
        why = "no chair" if stretch["vacant"] else "the chair heads no school"
    return DaysView(
        from_date=stretch["from_date"],
        until=stretch["until"],
        days=stretch["days"],
        urn=stretch["urn"],
        why_unawarded=why,
    )
