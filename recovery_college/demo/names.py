"""Names of people who do not exist. Any likeness to somebody real is chance: the lists are crossed at random."""

from random import Random

GIVEN = (
    *(
        "Adaeze",
        "Agnieszka",
        "Ahmed",
        "Alasdair",
        "Amina",
        "Angharad",
        "Anjali",
        "Arlo",
        "Beatriz",
        "Benjamin",
    ),
    *("Caoimhe", "Carys", "Chidi", "Chloë", "Dafydd", "Delroy", "Dilys", "Ebony", "Elif", "Emrys"),
    *("Farida", "Feng", "Fiona", "Gethin", "Gökhan", "Gwen", "Hamid", "Harriet", "Hywel", "Imran"),
    *("Ines", "Jakub", "Jasmine", "Joao", "Joyce", "Kasia", "Keisha", "Kenji", "Latoya", "Leszek"),
    *("Llŷr", "Lucy", "Magda", "Marcus", "Mei", "Mohammed", "Nadia", "Niamh", "Nkechi", "Olu"),
    *("Owain", "Patience", "Peter", "Priti", "Rafał", "Rebecca", "Rhodri", "Ritu", "Róisín", "Samira"),
    *("Seren", "Shabnam", "Stella", "Tadeusz", "Tegan", "Thuy", "Tomos", "Uzma", "Valentina", "Winston"),
    *("Wojciech", "Yasmin", "Yusuf", "Zainab", "Zofia"),
)
FAMILY = (
    *(
        "Abara",
        "ap Gwilym",
        "Ashdown",
        "Bakshi",
        "Banerjee",
        "Bevan",
        "Blackwood",
        "Boateng",
        "Brzęczyk",
        "Carmody",
    ),
    *(
        "Castellano",
        "Cheng",
        "Dąbrowski",
        "D’Souza",
        "de Freitas",
        "Demir",
        "Edevane",
        "Fairweather",
        "Farah",
        "Fenn",
    ),
    *(
        "Gallagher",
        "Ghosh",
        "Grzegorczyk",
        "Gwynne",
        "Hartley-Moss",
        "Hossain",
        "Ibeh",
        "Iqbal",
        "Jallow",
        "Jankowska",
    ),
    *(
        "Kaur",
        "Kearsley",
        "Kowalczyk",
        "Lacey",
        "Llewelyn",
        "Łukasik",
        "Mbeki",
        "McAllister",
        "Merrick",
        "Mistry",
    ),
    *(
        "Nakamura",
        "Ndlovu",
        "Novák",
        "O’Hara",
        "Okonkwo",
        "Oyelaran",
        "Parfitt",
        "Penhaligon",
        "Pereira",
        "Prosser",
    ),
    *(
        "Quill",
        "Rahman",
        "Redfern",
        "Rowntree",
        "Sackville",
        "Sandhu",
        "Sesay",
        "Siddiqui",
        "Stanisław",
        "Sutcliffe",
    ),
    *(
        "Tattersall",
        "Tembo",
        "Thistlewood",
        "Tran",
        "Tudor",
        "Usman",
        "Vaughan",
        "Vasquez",
        "Wachter",
        "Whitlock",
    ),
    *("Wójcik", "Wren", "Yeboah", "Ząbek", "Zhou"),
)


def made_up_name(random: Random) -> tuple[str, str]:
    """A given and a family name."""
    return random.choice(GIVEN), random.choice(FAMILY)


def made_up_names(random: Random, count: int) -> list[tuple[str, str]]:
    """So many names, no two alike; at most as many as the lists cross to."""
    found: dict[tuple[str, str], None] = {}
    while len(found) < count:
        found[made_up_name(random)] = None
    return list(found)
