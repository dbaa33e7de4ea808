"""Who chairs a school's governors: told of a change with the head, where the officer says so (R0.8)."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table chair_of_governors (
            urn text not null,
            during daterange not null check (not isempty(during)),
            person_id uuid not null references person,
            recorded_at timestamptz not null,
            primary key (urn, during without overlaps)
        )
        """
    )
    op.execute("create table chair_of_governors_past (replaced_at timestamptz not null, like chair_of_governors)")
    op.execute(
        "create trigger chair_of_governors_keeps_replaced before update or delete on chair_of_governors "
        "for each row execute function keep_replaced_row()"
    )
    op.execute("create index chair_of_governors_past_urn on chair_of_governors_past (urn)")
    only_added_to("chair_of_governors_past")


def downgrade() -> None:
    op.execute("drop table chair_of_governors_past, chair_of_governors")
