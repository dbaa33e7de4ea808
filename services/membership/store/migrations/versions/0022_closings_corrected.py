"""A body's closing is corrected and withdrawn (R0.4): since when it was known, and what ended only because of it.

`ended_with` keeps a place or a term as it would have run on: under the body that closes, or under the term of office that
began in its stead. Whoever withdraws that finds here what goes on.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# ``cause``: the body, or the other term. ``subject``: the school, or the term. ``said``: readers know of the end.
ENDED_WITH = """
    create table ended_with (
        cause uuid not null,
        kind text not null check (kind in ('place', 'term')),
        subject text not null,
        from_date date not null,
        until date,
        reason text,
        said boolean not null,
        recorded_at timestamptz not null,
        primary key (cause, kind, subject, from_date))
"""


def upgrade() -> None:
    op.execute("alter table body add recorded_at timestamptz not null default '-infinity'")
    op.execute("create table body_past (replaced_at timestamptz not null, like body)")
    op.execute(
        "create trigger body_keeps_replaced before update or delete on body "
        "for each row execute function keep_replaced_row()"
    )
    op.execute("create index body_past_body on body_past (body_id)")
    only_added_to("body_past")
    op.execute(ENDED_WITH)
    _kinds("'office', 'allocation', 'membership', 'headship', 'trust-contact', 'closing'")
    op.execute("alter table correction validate constraint correction_kind_check")


def downgrade() -> None:
    """What was corrected of closings meanwhile stays recorded."""
    _kinds("'office', 'allocation', 'membership', 'headship', 'trust-contact'")
    op.execute("drop table ended_with")
    op.execute("drop trigger body_keeps_replaced on body")
    op.execute("drop table body_past")
    op.execute("alter table body drop recorded_at")


def _kinds(kinds: str) -> None:
    op.execute("alter table correction drop constraint correction_kind_check")
    op.execute(f"alter table correction add constraint correction_kind_check check (kind in ({kinds})) not valid")
