"""What a school was told: while something is held back from it, it is answered from a record of its own (R0.8).

The two tables are filled with the school's rows when the first act is held back from it, follow what it may know, and
lose them again when it was told. A column added to `representation` or `speaker` is added here too, in the same place.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table representation_as_told (like representation including all)")
    op.execute("create table speaker_as_told (like speaker including all)")


def downgrade() -> None:
    op.execute("drop table speaker_as_told")
    op.execute("drop table representation_as_told")
