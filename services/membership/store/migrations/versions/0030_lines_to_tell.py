"""The chairs of governors and contacts of trusts that stand are told once: until now nobody was told of any (R0.8).

The first process of this release that does the work by itself tells them, as they are then. What the release before
records after that, in an upgrade without a pause, is told with the next change of the same school or trust.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table line_to_tell (kind text not null, subject text not null, primary key (kind, subject))")
    # Also those that were ended or withdrawn: nobody is in post there, and whoever was may still be written to.
    op.execute(
        """
        insert into line_to_tell (kind, subject)
        select 'chairs-of-governors', urn from chair_of_governors
        union select 'chairs-of-governors', urn from chair_of_governors_past
        union select 'trust-contacts', trust_id from trust_contact
        union select 'trust-contacts', trust_id from trust_contact_past
        """
    )


def downgrade() -> None:
    op.execute("drop table line_to_tell")
