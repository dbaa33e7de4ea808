"""Who chairs a school's governors and who is in post at a trust, from when until when, as membership tells it (R0.8).

A message for a trust that was made before this doesn't say for which, and stays with whom it was made for.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Projections: the last word on a school or trust, and everybody whom it has in post. They are replaced together.
    op.execute(
        """
        create table post_line (
            kind text not null check (kind in ('school', 'trust')),
            subject text not null,
            told_under text not null,
            told_as uuid not null,
            primary key (kind, subject)
        )
        """
    )
    op.execute(
        """
        create table post_held (
            kind text not null,
            subject text not null,
            post text not null,
            person_id uuid not null,
            from_date date not null,
            until date,
            primary key (kind, subject, post, from_date)
        )
        """
    )
    # By which event somebody hears for a trust.
    op.execute("alter table hears_for_trust add column told_as uuid")


def downgrade() -> None:
    op.execute("alter table hears_for_trust drop column told_as")
    op.execute("drop table post_held, post_line")
