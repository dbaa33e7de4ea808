"""Of which changes the chair of a school's governors hears with the head, since an officer said so (R0.8); messages by call."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table hears_with_the_head (
            correlation_id uuid not null,
            urn text not null,
            person_id uuid not null,
            primary key (correlation_id, urn, person_id)
        )
        """
    )
    # What was sent about a call is looked up by it.
    op.execute("create index message_call on message ((details ->> 'call_id')) where urgent")


def downgrade() -> None:
    op.execute("drop index message_call")
    op.execute("drop table hears_with_the_head")
