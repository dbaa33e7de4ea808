"""A school that passes to another authority: its facts are numbered from 1 again, and none may take another's place.

What the release before still writes during an upgrade goes in without its authority, and counts as told when it came in.
A database that already holds events is rebuilt after this (`python -m services.meetings rebuild`): authorities and ids
of what was kept before are filled in from the topic. Until then that comes before everything newer, by its numbers.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = ("category_change", "public_category", "la_entry_news", "history_correction")
NUMBERED = (*KEPT, "speaker_change")


def upgrade() -> None:
    for table in KEPT:
        # First a constant for the rows that are here, then another default for new ones: so no row is written anew.
        op.execute(
            f"alter table {table} add column event_id uuid not null default '00000000-0000-0000-0000-000000000000'"
        )
        op.execute(f"alter table {table} alter column event_id set default uuidv7()")
    for table in NUMBERED:
        # Not `authority`: the release before asks for that by its bare name where it joins a school to its changes.
        op.execute(
            f"""
            alter table {table}
                add column by_authority text not null default '',
                drop constraint {table}_pkey,
                add primary key (urn, by_authority, epoch, sequence)
            """
        )
    op.execute(
        """
        create table told_story (
            urn text not null,
            correlation_id uuid not null,
            told_as uuid not null,
            primary key (urn, correlation_id)
        )
        """
    )
    # Whose word of a school this is, and as which event it was told: another authority's counts if it was said later.
    op.execute(
        """
        alter table school
            add column told_under text not null default '',
            add column told_as uuid not null default '00000000-0000-0000-0000-000000000000'
        """
    )


def downgrade() -> None:
    """Of two facts with one number the one told first remains, as only that would have been kept."""
    op.execute("drop table told_story")
    op.execute("alter table school drop column told_under, drop column told_as")
    for table in NUMBERED:
        op.execute(
            f"""
            delete from {table} as later using {table} as first
            where (later.urn, later.epoch, later.sequence) = (first.urn, first.epoch, first.sequence)
              and (later.event_id, later.by_authority) > (first.event_id, first.by_authority)
            """
        )
        op.execute(
            f"""
            alter table {table}
                drop constraint {table}_pkey,
                drop column by_authority,
                add primary key (urn, epoch, sequence)
            """
        )
    for table in KEPT:
        op.execute(f"alter table {table} drop column event_id")
