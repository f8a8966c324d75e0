"""Page layouts of the aniworld.to family of sites.

Each layout is a folder with one class that implements `common.Layout`. The modules beside them hold
what all layouts share. To add a layout, add its folder and one line to `LAYOUTS`.
"""
