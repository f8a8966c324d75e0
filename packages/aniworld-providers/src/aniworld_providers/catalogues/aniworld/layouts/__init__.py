"""Page layouts of the aniworld.to family of sites, side by side."""
