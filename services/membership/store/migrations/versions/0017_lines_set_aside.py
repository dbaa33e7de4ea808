"""Lines of files wait for the schools that stand still, and their import with them (docs/decisions/0022).

`says`: of which things the line says something, `waits_for`: for which schools it waits. Line 0 stands for what follows
from the file as a whole.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = "'receiving', 'refused', 'applying', 'done', 'abandoned', 'failed', 'discarded'"


def upgrade() -> None:
    op.execute(
        """
        create table line_set_aside (
            import_id uuid not null references import,
            line integer not null,
            says text[] not null,
            waits_for text[] not null,
            primary key (import_id, line)
        )
        """
    )
    op.execute(
        f"""
        alter table import
            drop constraint import_state_check,
            add constraint import_state_check check (state in ({BEFORE}, 'waiting'))
        """
    )


def downgrade() -> None:
    """What waited was not applied to its end."""
    op.execute("drop table line_set_aside")
    op.execute("delete from import_line where import_id in (select import_id from import where state = 'waiting')")
    op.execute("update import set state = 'abandoned' where state = 'waiting'")
    op.execute("alter table import drop constraint import_state_check")
    op.execute(f"alter table import add constraint import_state_check check (state in ({BEFORE}))")
