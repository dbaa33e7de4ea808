"""Rules of telling: pure, no clock, no database, no network."""
