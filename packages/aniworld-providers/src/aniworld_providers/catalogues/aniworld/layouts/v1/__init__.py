"""Layout v1: aniworld.to since October 2026, s.to until January 2026.

The selectors come from public parsers of the sites.
"""
