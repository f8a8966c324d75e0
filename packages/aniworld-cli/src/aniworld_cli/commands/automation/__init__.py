"""Commands of automation: the calendar."""
