"""What members of an area's group may know of a category: published outcomes, and entries of the authority once told.

A database that already holds changes is rebuilt after this (`python -m services.meetings rebuild`): the new tables and
columns are filled from the topic.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        alter table category_change
            add column because text not null default '',
            add column because_ref text not null default ''
        """
    )
    op.execute(
        """
        create table public_category (
            urn text not null,
            epoch integer not null,
            sequence bigint not null,
            category integer,
            since date not null,
            primary key (urn, epoch, sequence)
        )
        """
    )
    # A row for the beginning of an entry and, with no category, one for its end.
    op.execute(
        """
        create table la_entry_news (
            urn text not null,
            epoch integer not null,
            sequence bigint not null,
            entry_id uuid not null,
            category integer,
            since date not null,
            correlation_id uuid not null,
            told boolean not null,
            primary key (urn, epoch, sequence)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table la_entry_news")
    op.execute("drop table public_category")
    op.execute("alter table category_change drop column because, drop column because_ref")
