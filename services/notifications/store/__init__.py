"""The tables of notifications and the SQL that reads and writes them."""
