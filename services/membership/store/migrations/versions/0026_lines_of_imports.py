"""Of an import: whose schools the line names at which it failed, and how many lines were taken that somebody should look at.

Whose an earlier failure is nobody knows any more: whoever sent the file reads it.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table import add column failed_of text[] not null default '{}', "
        "add column warnings_found integer not null default 0"
    )
    op.execute(
        "update import set warnings_found = "
        "(select count(*) from jsonb_array_elements(problems) as each (one) where one ->> 'taken' = 'true') "
        "where jsonb_array_length(problems) > 0"
    )


def downgrade() -> None:
    op.execute("alter table import drop column failed_of, drop column warnings_found")
