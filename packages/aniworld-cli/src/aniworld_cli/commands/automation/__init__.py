"""Commands about what happens by itself: the calendar."""
