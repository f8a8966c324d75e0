"""Names of pictures, as Jellyfin, Kodi and Plex document them.

Sources: jellyfin.org/docs (Shows, Local images), kodi.wiki (Artwork/TV shows) and support.plex.tv
(Local media assets).
"""

from typing import Final

import attrs

from aniworld_core.domain.library.safe_names import fold_name

_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".tbn")


@attrs.frozen
class PictureNames:
    """Names of one picture in one folder, without suffix.

    Attributes:
        stem: The name that the program gives it.
        others: Further names under which a media server takes a picture for the same thing.
    """

    stem: str
    others: tuple[str, ...] = ()

    def is_taken_by(self, name: str) -> bool:
        """Return whether a media server takes a file for this picture."""
        folded = fold_name(name)
        return any(
            folded == fold_name(f"{stem}{suffix}")
            for stem in (self.stem, *self.others)
            for suffix in _SUFFIXES
        )


POSTER: Final = PictureNames("poster", ("folder", "cover", "show"))
FANART: Final = PictureNames("fanart", ("backdrop", "background", "art"))
BANNER: Final = PictureNames("banner")


def season_poster_names(season: int) -> PictureNames:
    """Return the names of a season poster in the folder of its series."""
    if season == 0:
        return PictureNames(
            "season-specials-poster", ("season00-poster", "season00", "season-specials")
        )
    return PictureNames(
        f"season{season:02d}-poster",
        (f"season{season}-poster", f"season{season:02d}", f"season{season}"),
    )


def season_folder_names(season: int) -> PictureNames:
    """Return the names of a season poster in the folder of its season."""
    own = season_poster_names(season)
    return PictureNames("poster", ("folder", "cover", own.stem, *own.others))


def thumb_names(stem: str) -> PictureNames:
    """Return the names of the picture of an episode beside its file.

    Args:
        stem: Name of the file without suffix.
    """
    return PictureNames(f"{stem}-thumb", (stem, f"{stem}-landscape"))
