"""Subtitles as text: parse the formats of servers and write SubRip.

Every player and media server reads SubRip. Positions, colours and voices of WebVTT are left out;
bold, italic and underlined text is kept.
"""
