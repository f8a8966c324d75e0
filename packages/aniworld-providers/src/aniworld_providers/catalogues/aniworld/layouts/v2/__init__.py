"""The second layout: s.to since January 2026."""
