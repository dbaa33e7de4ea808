"""In which story an entry of the authority was lifted: a school that was not told of that knows what was said before (R0.8).

A lifting that lies ahead can be taken back: then the last of them has no day. What it had answered is open again, and may be
answered once more (R0.1).
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table la_lift add column correlation_id uuid, alter column lifted_on drop not null")
    op.execute("alter table la_review_answer drop constraint la_review_answer_pkey")
    op.execute("alter table la_review_answer add answer_id bigint generated always as identity primary key")
    op.execute("create index la_review_answer_review on la_review_answer (review_id)")


def downgrade() -> None:
    """Fails where a lifting was taken back: before, nothing said so."""
    op.execute("alter table la_review_answer drop column answer_id")
    op.execute("drop index la_review_answer_review")
    op.execute("alter table la_review_answer add primary key (review_id)")
    op.execute("alter table la_lift drop column correlation_id, alter column lifted_on set not null")
