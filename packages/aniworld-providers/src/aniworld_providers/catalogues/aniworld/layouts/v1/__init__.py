"""The first layout: aniworld.to since October 2026, s.to until January 2026."""
