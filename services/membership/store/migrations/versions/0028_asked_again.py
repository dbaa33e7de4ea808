"""Keep or lift is asked of each outcome, and again of one that gives another category than when it was answered (R0.1).

The release before runs on meanwhile: it names no key where it asks, and what it leaves out has a value (a question that is
asked for the first time) or is worked out (what was known of the outcome when it was answered).
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ONCE = "la_review_entry_id_cause_cause_on_key"
ONCE_A_CHANGE = "la_review_once_a_change"


def upgrade() -> None:
    # ``again``: how often it had been asked of the same outcome before.
    op.execute("alter table la_review add column again integer not null default 0 check (again >= 0)")
    op.execute(
        f"alter table la_review add constraint {ONCE_A_CHANGE} unique (entry_id, cause, cause_on, cause_ref, again), "
        f"drop constraint {ONCE}"
    )
    # What was known of the outcome then. Null: of a review date, and what the release before has answered.
    op.execute("alter table la_review_answer add column seen_version integer")
    _answers("'kept', 'lifted', 'withdrawn', 'not-needed'")
    op.execute("alter table la_review_answer validate constraint la_review_answer_answer_check")


def downgrade() -> None:
    """Fails where two outcomes of a day asked, or one asked again: which question is to stay nobody but an officer can say."""
    op.execute(
        f"alter table la_review add constraint {ONCE} unique (entry_id, cause, cause_on), drop constraint {ONCE_A_CHANGE}"
    )
    _answers("'kept', 'lifted', 'withdrawn'")
    op.execute("alter table la_review_answer drop column seen_version")
    op.execute("alter table la_review drop column again")


def _answers(answers: str) -> None:
    op.execute("alter table la_review_answer drop constraint la_review_answer_answer_check")
    op.execute(
        f"alter table la_review_answer add constraint la_review_answer_answer_check check (answer in ({answers})) not valid"
    )
