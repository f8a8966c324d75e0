"""Add the extractors of the test sites to the yt-dlp process of the product.

The product loads no plug-ins of yt-dlp. Python runs this module at its start if its folder is in
`PYTHONPATH`, which only tests set; other processes than that of yt-dlp do nothing here.
"""

import sys

if "aniworld_providers.ytdlp.process" in sys.orig_argv:
    import yt_dlp.extractor.extractors  # noqa: F401 - fills the list of extractors
    from yt_dlp.globals import extractors

    from support.show_plugin.channel_extractors import CHANNEL_EXTRACTORS
    from support.show_plugin.show_extractor import ShowSiteIE

    extractors.value = {"ShowSiteIE": ShowSiteIE, **CHANNEL_EXTRACTORS, **extractors.value}
