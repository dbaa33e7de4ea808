"""Guards that migrations of every service put on tables."""

from alembic import op


def only_added_to(*tables: str) -> None:
    """The application's role may neither change nor remove what these hold. Without such a role, as in a scratch
    database, there is nobody to keep from it.
    """
    for table in tables:
        op.execute(
            f"""
            do $$
            declare app text := replace(current_user, '_owner', '_app');
            begin
                if exists (select from pg_roles where rolname = app) then
                    execute format('revoke update, delete, truncate on {table} from %I', app);
                end if;
            end $$
            """
        )
