"""Where people say they are, and what only sounds like a place."""

from __future__ import annotations

import pytest

from parsers.names import read_name
from parsers.phrases import scan
from parsers.places import read_place
from parsers.vocabulary import load

VOCABULARY = load()

PLACES: list[tuple[str, str]] = [
    ("hi this is Tamara from Lewiston, i can mentor", "Lewiston"),
    ("i'm renee in bozeman", "Bozeman"),
    ("Hello, my name's Big Ron and I run groups in Polson", "Polson"),
    ("count me in -marcy", ""),
    ("I want to be a mentor. I live in Missoula", "Missoula"),
    ("I'm in recovery and would like to mentor", ""),
    ("im in school right now but can mentor", ""),
    ("soy lupita de nampa", "Nampa"),
    ("MENTOR - Priscilla, Pocatello", "Pocatello"),
    ("Mentor. Gina Fallon, Elko, weekends", "Elko"),
    ("HOST Terrence Twin Falls mondays", "Twin Falls"),
    ("SHADOW. Bobby in Cody", "Cody"),
    ("THIS IS DOLORES IN GREAT FALLS I WANT TO MENTOR", "Great Falls"),
    ("i can mentor in havre or chinook", "Havre"),
    ("Somebody can shadow me at the ER in Coeur d'Alene. Pat", "Coeur d'Alene"),
    ("Based out of Zortman, happy to mentor", "Zortman"),
    ("looking for a mentor near Wolf Point", "Wolf Point"),
    ("flathead valley area, any mentor pls", "Flathead Valley"),
    ("mentor needed, Bitterroot area", "Bitterroot"),
    ("I work in the Yellowstone County jail", "Yellowstone County"),
    ("I'm from Browning originally, now in Helena", "Helena"),
    ("vivo en Caldwell y busco mentor", "Caldwell"),
    ("estoy en Ontario, Oregon", "Ontario"),
    ("en Twin Falls, los lunes", "Twin Falls"),
    ("I moved to Spokane", "Spokane"),
    ("im in spokene", "Spokene"),
    # where somebody is now goes before where they were
    ("De Ponce pero ahora en Billings, puedo ser mentor", "Billings"),
    ("My cert is from Oregon and I'm in Longview now, can I host", "Longview"),
    ("My husband and I relocated to Twin Falls", "Twin Falls"),
    ("ya no vivo en Moses Lake, me vine pa Othello", "Othello"),
    ("I want a mentor, mine moved to Ohio", ""),
    # many ways of saying it
    ("I am north of Rudyard and need a mentor", "Rudyard"),
    ("I drive in from Lolo every day, want to shadow", "Lolo"),
    ("Saludos desde Loíza, busco mentora", "Loíza"),
    ("me apunto de mentor, vivo hasta Dillon", "Dillon"),
    ("acabo de llegar a Hardin y quiero mentora", "Hardin"),
    ("trabajo en la carcel d Caldwell, venga conmigo", "Caldwell"),
    ("willing to host in Grove City", "Grove City"),
    ("Anywhere on the Navajo Nation is fine for a mentee", "Navajo Nation"),
    # by its name alone, also as a last resort
    ("anyone new wanna tag along, the legion hall in hilliard", "Hilliard"),
    ("any chance of a mentor. Hodan, westerville", "Westerville"),
    ("I walk Missoula with socks every wed, come along", "Missoula"),
    ("Asking for the Libby warmline, I can host", "Libby"),
    ("Helena or close by", "Helena"),
    ("mentor pls. Havre here", "Havre"),
    ("I could use a mentor. Rena, Sidney", "Sidney"),
    ("Host. Medford", "Medford"),
    ("Soy Caridad, de Hialeah", "Hialeah"),
    ("Jo, Harbor House", ""),
    ("raised 3 on my own out of a camper, can mentor", ""),
    ("follow me on the needle van", ""),
    ("Yours in Christ, Maxine", ""),
    ("I got a DUI in Feb, can I mentor", ""),
    ("tambien en persona si es aqui en el pueblo", ""),
    ("anyone in sheridan i can shadow?", "Sheridan"),
    ("My name is Virginia and I'm in Butte", "Butte"),
    ("Helena here, from Helena", "Helena"),
    ("happy to mentor in May", ""),
    ("I can start in June, mornings. Art", ""),
    ("Hello. I am interested in being a mentor. My name is shanice williams", ""),
    ("Marisol from Nampa here, puedo ser mentora", "Nampa"),
    ("I'm Nguyen, want to shadow in Boise", "Boise"),
    ("I'd be glad to help out in any way. Cheers, Ollie from Bend", "Bend"),
    ("we're in the Gallatin Valley", "Gallatin Valley"),
    ("relocated to Sandpoint last month", "Sandpoint"),
    ("I live outside of Lander", "Lander"),
    ("in august i can", ""),
    ("I work in outreach", ""),
    ("in English please", ""),
    ("en español por favor", ""),
    ("radico en Toppenish", "Toppenish"),
    ("soy de Hermiston", "Hermiston"),
    ("near St. Maries", "St. Maries"),
    ("the clinic in Ronan", "Ronan"),
    ("I'm in Salt Lake City on Mondays", "Salt Lake City"),
    ("in person in Minot", "Minot"),
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_place(text: str, place: str) -> None:
    """A town is read as it was written, capitalised; months, settings and languages are none."""
    said = scan(text, VOCABULARY)
    name = read_name(said, VOCABULARY)
    assert (read_place(said, VOCABULARY, name_end=name.end if name else 0) or "") == place
