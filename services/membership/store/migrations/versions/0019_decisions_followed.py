"""What an officer decided about a school is followed up when another continues it: entries of the authority, overrides.

Whatever is written of them marks their school (0006), so that no writer can forget to.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OF_A_SCHOOL = ("la_entry", "routing_override")
OF_AN_ENTRY = ("la_lift", "la_keep", "la_withdrawal")
MARK_BY_ENTRY = """
    create function mark_entry_to_follow() returns trigger language plpgsql as $$
    begin
        insert into to_follow (urn)
        select distinct e.urn from new_rows n join la_entry e using (entry_id)
        where exists (select from continuity c where c.urn = e.urn)
           or exists (select from continuity c where c.predecessor_urn = e.urn)
        order by e.urn;
        return null;
    end $$
"""
WHAT = "check (what in ('place', 'end-of-place', 'head', 'allocation', 'end-of-allocation'{more}))"


def upgrade() -> None:
    _allow(", 'la-entry'")
    op.execute(MARK_BY_ENTRY)
    for table in OF_A_SCHOOL:
        _mark(table, "mark_to_follow")
    for table in OF_AN_ENTRY:
        _mark(table, "mark_entry_to_follow")


def downgrade() -> None:
    for table in (*OF_A_SCHOOL, *OF_AN_ENTRY):
        op.execute(f"drop trigger {table}_insert_is_followed on {table}")
    op.execute("drop function mark_entry_to_follow()")
    op.execute("delete from followed where what = 'la-entry'")
    _allow("")


def _allow(more: str) -> None:
    op.execute("alter table followed drop constraint followed_what_check")
    op.execute(f"alter table followed add constraint followed_what_check {WHAT.format(more=more)}")


def _mark(table: str, function: str) -> None:
    op.execute(
        f"create trigger {table}_insert_is_followed after insert on {table} "
        f"referencing new table as new_rows for each statement execute function {function}()"
    )
