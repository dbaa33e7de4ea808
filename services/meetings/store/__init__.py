"""The tables of meetings, and the SQL that reads and writes them."""
