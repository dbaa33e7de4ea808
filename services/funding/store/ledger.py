"""The ledger's tables: entries are read and added, never changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.funding.domain.ledger import Account, AccountKind, Entry, Posting
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Posted:
    """An entry to be added: when it was recorded and in which story."""

    entry: Entry
    recorded_on: date
    because: Cause


class Ledger:
    def __init__(self, uow: UnitOfWork):
        self.uow = uow

    async def standing(self, award_ids: Iterable[UUID]) -> dict[UUID, dict[str | None, Entry]]:
        """For each award the entries that nothing has reversed, by school."""
        rows = await self.uow.rows(
            """
            select e.entry_id, e.award_id, e.version, e.urn, e.belongs_on, p.pence, a.body_id, a.kind,
                a.urn as of_school
            from entry e join posting p using (entry_id) join account a using (account_id)
            where e.award_id = any($1::uuid[]) and e.reverses is null
                and not exists (select from entry later where later.reverses = e.entry_id)
            order by e.entry_id, p.line
            """,
            list(award_ids),
        )
        postings: dict[UUID, list[Posting]] = defaultdict(list)
        for row in rows:
            account = Account(row.body_id, AccountKind(row.kind), row.of_school)
            postings[row.entry_id].append(Posting(account, row.pence))
        standing: dict[UUID, dict[str | None, Entry]] = defaultdict(dict)
        for row in rows:
            standing[row.award_id][row.urn] = Entry(
                row.entry_id, row.award_id, row.version, row.urn, row.belongs_on, tuple(postings[row.entry_id])
            )
        return standing

    async def post(self, posted: Sequence[Posted]) -> None:
        if not posted:
            return
        accounts = await self._accounts({posting.account for each in posted for posting in each.entry.postings})
        entries = [each.entry for each in posted]
        await self.uow.execute(
            """
            insert into entry
                (entry_id, award_id, version, urn, belongs_on, recorded_on, lines, reverses, correlation_id)
            select * from unnest(
                $1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::date[], $6::date[], $7::smallint[],
                $8::uuid[], $9::uuid[]
            )
            """,
            [entry.entry_id for entry in entries],
            [entry.award_id for entry in entries],
            [entry.version for entry in entries],
            [entry.urn for entry in entries],
            [entry.belongs_on for entry in entries],
            [each.recorded_on for each in posted],
            [len(entry.postings) for entry in entries],
            [entry.reverses for entry in entries],
            [each.because.correlation_id for each in posted],
        )
        lines = [(entry, line, posting) for entry in entries for line, posting in enumerate(entry.postings, start=1)]
        await self.uow.execute(
            """
            insert into posting (entry_id, line, account_id, pence)
            select * from unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bigint[])
            """,
            [entry.entry_id for entry, _, _ in lines],
            [line for _, line, _ in lines],
            [accounts[posting.account] for _, _, posting in lines],
            [posting.pence for _, _, posting in lines],
        )

    async def _accounts(self, wanted: Iterable[Account]) -> dict[Account, UUID]:
        """The ids of those accounts, opened where this is their first posting."""
        ordered = sorted(wanted, key=lambda account: (account.body_id, account.kind, account.urn or ""))
        columns = (
            [account.body_id for account in ordered],
            [account.kind.value for account in ordered],
            [account.urn for account in ordered],
        )
        await self.uow.execute(
            """
            insert into account (body_id, kind, urn)
            select * from unnest($1::uuid[], $2::text[], $3::text[])
            on conflict (body_id, kind, urn) do nothing
            """,
            *columns,
        )
        rows = await self.uow.rows(
            """
            select account_id, a.body_id, a.kind, a.urn
            from account a join unnest($1::uuid[], $2::text[], $3::text[]) as wanted (body_id, kind, urn)
                on a.body_id = wanted.body_id and a.kind = wanted.kind and a.urn is not distinct from wanted.urn
            """,
            *columns,
        )
        return {Account(row.body_id, AccountKind(row.kind), row.urn): row.account_id for row in rows}
