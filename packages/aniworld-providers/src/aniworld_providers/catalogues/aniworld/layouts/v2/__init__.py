"""Layout v2: s.to since January 2026.

The selectors come from public parsers of the site.
"""
