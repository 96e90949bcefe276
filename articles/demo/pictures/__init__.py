from .streets import *
from .coast import *
from .canvas import Canvas, HEIGHT, WIDTH
from . import streets
from PIL import ImageOps
SCENES = {"flooded-street": flooded_street, "tram-works": tram_works, "quay-promenade": quay_promenade, "night-bus": night_bus}
def draw(scene, size=(1600,1067)):
    return SCENES[scene](Canvas(scene))
from . import coast
for m in ("lighthouse fish_auction starlings tide_chart ice_swim eel_river oyster_beds strand harbour boatshed flood_wall").split():
    SCENES[m.replace("_","-")] = getattr(coast, m)
