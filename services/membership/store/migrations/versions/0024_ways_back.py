"""What an officer puts right of her own answers: of a proposal, of a review date, of why somebody was allocated (R0.4).

All only added to.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Once a proposal: what was asked is proposed anew under an id of its own.
    op.execute(
        """
        create table proposal_taken_back (
            proposal_id uuid primary key references proposal_end,
            taken_back_on date not null,
            reason text not null check (reason <> ''),
            taken_back_by text not null,
            recorded_at timestamptz not null
        )
        """
    )
    only_added_to("proposal_taken_back")
    # Another review date without a question, since the one that was entered was wrong.
    op.execute("alter table la_keep add column corrects boolean not null default false")
    # A further reason of an allocation stands beside the first: the latest is shown.
    op.execute("alter table allocation_reason drop constraint allocation_reason_pkey")
    op.execute("alter table allocation_reason add reason_id bigint generated always as identity primary key")
    op.execute("create index allocation_reason_of on allocation_reason (allocation_id, reason_id)")


def downgrade() -> None:
    """Of several reasons of an allocation the first remains, as it was kept before."""
    op.execute(
        "delete from allocation_reason r where exists (select from allocation_reason first "
        "where first.allocation_id = r.allocation_id and first.reason_id < r.reason_id)"
    )
    op.execute("alter table allocation_reason drop reason_id")
    op.execute("alter table allocation_reason add primary key (allocation_id)")
    op.execute("alter table la_keep drop column corrects")
    op.execute("drop table proposal_taken_back")
