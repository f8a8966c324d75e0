"""Subtitles as text: read in the formats servers give them in, written as SubRip.

SubRip is what every player and media server shows; what WebVTT can say beyond it (places,
colours, voices) is left out, bold, italic and underlined stay.
"""
