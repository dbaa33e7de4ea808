"""Who has been told: departments, the liaison feed, the journey of a change."""
