"""Illustrations for the invented newspaper: scenes for its stories, portraits for its authors.

Everything is drawn, nothing is loaded. The same name always gives the same picture.
"""

from collections.abc import Callable

from PIL import Image, ImageOps

from . import coast, fields, rooms, streets
from .canvas import HEIGHT, WIDTH, Canvas
from .portrait import thumbnail_portrait

__all__ = ["SCENES", "draw", "thumbnail_portrait"]

SCENES: dict[str, Callable[[Canvas], Image.Image]] = {
    "allotments": fields.allotments,
    "bakery": rooms.bakery,
    "bandstand": fields.bandstand,
    "bells": fields.bells,
    "boatshed": coast.boatshed,
    "cemetery": fields.cemetery,
    "chestnuts": fields.chestnuts,
    "classroom": rooms.classroom,
    "council-chamber": rooms.council_chamber,
    "eel-river": coast.eel_river,
    "evening-classes": fields.evening_classes,
    "fish-auction": coast.fish_auction,
    "flood-wall": coast.flood_wall,
    "flooded-street": streets.flooded_street,
    "football-mud": fields.football_mud,
    "harbour": coast.harbour,
    "hospital": fields.hospital,
    "ice-swim": coast.ice_swim,
    "launderette": rooms.launderette,
    "library": rooms.library,
    "lighthouse": coast.lighthouse,
    "main-pitch": fields.main_pitch,
    "night-bus": streets.night_bus,
    "organ": rooms.organ,
    "oyster-beds": coast.oyster_beds,
    "postcode-map": fields.postcode_map,
    "quay-promenade": streets.quay_promenade,
    "referee": fields.referee,
    "ropewalk": fields.ropewalk,
    "school-garden": fields.school_garden,
    "starlings": coast.starlings,
    "strand": coast.strand,
    "theatre-ferry": rooms.theatre_ferry,
    "tide-chart": coast.tide_chart,
    "tram-works": streets.tram_works,
    "workshop": rooms.workshop,
}


def draw(scene: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """The picture of a scene, cut to the proportions of the size when they differ."""
    picture = SCENES[scene](Canvas(scene))
    return picture if picture.size == size else ImageOps.fit(picture, size)
