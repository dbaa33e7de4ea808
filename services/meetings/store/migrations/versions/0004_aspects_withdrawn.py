"""A vulnerable aspect is withdrawn: the row stays, and the same aspect may be recorded again (W-26)."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        alter table vulnerable_aspect
            add column withdrawn_at timestamptz,
            add column withdrawn_by text,
            add column withdrawn_because text,
            add constraint vulnerable_aspect_withdrawal check (
                (withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_because is null)
                and withdrawn_because <> '')
        """
    )
    op.execute("alter table vulnerable_aspect drop constraint vulnerable_aspect_urn_evaluation_area_key")
    op.execute(
        "create unique index vulnerable_aspect_stands on vulnerable_aspect (urn, evaluation_area) "
        "where withdrawn_at is null"
    )


def downgrade() -> None:
    """What was withdrawn is gone."""
    op.execute("drop index vulnerable_aspect_stands")
    op.execute("delete from vulnerable_aspect where withdrawn_at is not null")
    op.execute("alter table vulnerable_aspect add unique (urn, evaluation_area)")
    op.execute(
        "alter table vulnerable_aspect drop constraint vulnerable_aspect_withdrawal, "
        "drop column withdrawn_at, drop column withdrawn_by, drop column withdrawn_because"
    )
