"""An import that can't be applied ends as failed, with its line and the reason, and may be tried again or given up."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = "'receiving', 'refused', 'applying', 'done', 'abandoned'"


def upgrade() -> None:
    op.execute(
        f"""
        alter table import
            add column tries integer not null default 0,
            add column tried_to integer,
            add column failed_line integer,
            add column failed_because text,
            add column discarded_because text,
            drop constraint import_state_check,
            add constraint import_state_check check (state in ({BEFORE}, 'failed', 'discarded')),
            add constraint import_failed_because check (state <> 'failed' or failed_because is not null)
        """
    )
    op.execute("create index import_failed on import (began_at) where state = 'failed'")


def downgrade() -> None:
    """What failed was not applied to its end."""
    op.execute("drop index import_failed")
    op.execute("update import set state = 'abandoned' where state in ('failed', 'discarded')")
    op.execute(
        f"""
        alter table import
            drop constraint import_failed_because,
            drop constraint import_state_check,
            add constraint import_state_check check (state in ({BEFORE})),
            drop column tries, drop column tried_to, drop column failed_line, drop column failed_because,
            drop column discarded_because
        """
    )
