"""What funding knows of bodies, chairs and schools; the awards; the ledger that only ever grows."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("award_version", "award_share", "award_stretch", "account", "entry", "posting")


def upgrade() -> None:
    _projections()
    _awards()
    _ledger()
    _append_only()


def _projections() -> None:
    """Written by the keep_ functions of inbound.py alone; no foreign keys, since they may be rebuilt and swapped."""
    op.execute(
        """
        create table body (
            body_id uuid primary key,
            authority text not null,
            kind text not null,
            name text not null,
            opened_on date not null,
            closed_on date,
            award_pence bigint check (award_pence > 0),
            award_year_starts text not null
        )
        """
    )
    op.execute("create index body_of_authority on body (authority)")
    op.execute(
        """
        create table office_term (
            term_id uuid primary key,
            body_id uuid not null,
            post text not null,
            from_date date not null,
            planned_until date,
            urn text,
            route text not null,
            ended_on date,
            end_reason text
        )
        """
    )
    op.execute("create index office_term_of_body on office_term (body_id)")
    # A move holds from its day until the next one: days of change need no ranges and cannot overlap.
    op.execute(
        """
        create table office_move (
            term_id uuid not null,
            moved_on date not null,
            to_urn text,
            primary key (term_id, moved_on)
        )
        """
    )
    op.execute(
        """
        create table school (
            urn text primary key,
            authority text not null,
            name text not null,
            sector text not null,
            trust_id text,
            trust_name text
        )
        """
    )


def _awards() -> None:
    # One award for each body and year, however often its opening is asked for (W-31).
    op.execute(
        """
        create table award (
            award_id uuid primary key,
            body_id uuid not null,
            year_from date not null,
            year_to date not null check (year_to > year_from),
            amount_pence bigint not null check (amount_pence > 0),
            version integer not null check (version >= 1),
            opened_on date not null,
            unique (body_id, year_from)
        )
        """
    )
    op.execute(
        """
        create table award_version (
            award_id uuid not null references award,
            version integer not null check (version >= 1),
            recorded_on date not null,
            unawarded_days integer not null check (unawarded_days >= 0),
            unawarded_pence bigint not null check (unawarded_pence >= 0),
            correlation_id uuid not null,
            primary key (award_id, version)
        )
        """
    )
    op.execute(
        """
        create table award_share (
            award_id uuid not null,
            version integer not null,
            urn text not null,
            days integer not null check (days >= 1),
            pence bigint not null check (pence >= 0),
            primary key (award_id, version, urn),
            foreign key (award_id, version) references award_version
        )
        """
    )
    op.execute(
        """
        create table award_stretch (
            award_id uuid not null,
            version integer not null,
            during daterange not null check (not isempty(during)),
            urn text,
            vacant boolean not null check (not (vacant and urn is not null)),
            primary key (award_id, version, during without overlaps),
            foreign key (award_id, version) references award_version
        )
        """
    )
    op.execute(
        """
        create function division_makes_the_award() returns trigger language plpgsql as $$
        declare
            amount bigint;
            year_days integer;
            pence bigint;
            days bigint;
        begin
            select amount_pence, year_to - year_from into amount, year_days from award where award_id = new.award_id;
            select coalesce(sum(s.pence), 0) + v.unawarded_pence, coalesce(sum(s.days), 0) + v.unawarded_days
                into pence, days
                from award_version v left join award_share s using (award_id, version)
                where v.award_id = new.award_id and v.version = new.version
                group by v.unawarded_pence, v.unawarded_days;
            if pence <> amount or days <> year_days then
                raise exception 'the parts of award % make % pence in % days, not % in %',
                    new.award_id, pence, days, amount, year_days using errcode = 'check_violation';
            end if;
            return null;
        end $$
        """
    )
    for table in ("award_version", "award_share"):
        op.execute(
            f"""
            create constraint trigger {table}_makes_the_award after insert on {table}
            deferrable initially deferred for each row execute function division_makes_the_award()
            """
        )


def _ledger() -> None:
    op.execute(
        """
        create table account (
            account_id uuid primary key default uuidv7(),
            body_id uuid not null,
            kind text not null check (kind in ('award-commitment', 'school-entitlement', 'unawarded')),
            urn text check ((urn is not null) = (kind = 'school-entitlement')),
            unique nulls not distinct (body_id, kind, urn)
        )
        """
    )
    # `lines` says how many postings the entry has, so that nothing can be added to it later.
    op.execute(
        """
        create table entry (
            entry_id uuid primary key,
            award_id uuid not null references award,
            version integer not null,
            urn text,
            belongs_on date not null,
            recorded_on date not null,
            recorded_at timestamptz not null default now(),
            lines smallint not null check (lines >= 2),
            reverses uuid unique references entry check (reverses <> entry_id),
            correlation_id uuid not null,
            foreign key (award_id, version) references award_version
        )
        """
    )
    op.execute(
        """
        create unique index entry_of_a_part on entry (award_id, version, urn) nulls not distinct where reverses is null
        """
    )
    op.execute("create index entry_of_award on entry (award_id)")
    op.execute(
        """
        create table posting (
            entry_id uuid not null references entry,
            line smallint not null check (line >= 1),
            account_id uuid not null references account,
            pence bigint not null check (pence <> 0),
            primary key (entry_id, line)
        )
        """
    )
    op.execute("create index posting_to_account on posting (account_id)")
    op.execute(
        """
        create function entry_balances() returns trigger language plpgsql as $$
        declare
            wanted smallint;
            reversed uuid;
            found bigint;
            difference numeric;
        begin
            select lines, reverses into wanted, reversed from entry where entry_id = new.entry_id;
            select count(*), coalesce(sum(pence), 0) into found, difference from posting where entry_id = new.entry_id;
            if difference <> 0 then
                raise exception 'entry % does not balance: its postings leave % pence', new.entry_id, difference
                    using errcode = 'check_violation';
            end if;
            if found <> wanted then
                raise exception 'entry % says it has % postings and has %', new.entry_id, wanted, found
                    using errcode = 'check_violation';
            end if;
            if reversed is not null then
                if exists (select from entry where entry_id = reversed and reverses is not null) then
                    raise exception 'entry % reverses a reversal', new.entry_id using errcode = 'check_violation';
                end if;
                if exists (select account_id from posting where entry_id in (new.entry_id, reversed)
                           group by account_id having sum(pence) <> 0) then
                    raise exception 'entry % does not mirror the entry that it reverses', new.entry_id
                        using errcode = 'check_violation';
                end if;
            end if;
            return null;
        end $$
        """
    )
    for table in ("entry", "posting"):
        op.execute(
            f"""
            create constraint trigger {table}_balances after insert on {table}
            deferrable initially deferred for each row execute function entry_balances()
            """
        )


def _append_only() -> None:
    """The application may insert and select; a trigger stops everybody else, the owner too."""
    op.execute(
        """
        create function never_changed() returns trigger language plpgsql as $$
        begin
            raise exception '% is never changed: post a reversal', tg_table_name using errcode = 'restrict_violation';
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"""
            create trigger {table}_never_changed before update or delete or truncate on {table}
            for each statement execute function never_changed()
            """
        )
        op.execute(f"revoke update, delete, truncate on {table} from funding_app")
    # An award's row moves on to its next version, but an award is never taken away.
    op.execute("revoke delete, truncate on award from funding_app")


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken away")
