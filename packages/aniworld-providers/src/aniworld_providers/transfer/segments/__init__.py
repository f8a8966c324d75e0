"""Fetch the segments of HLS and DASH streams and put them into one file."""
