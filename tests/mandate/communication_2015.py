"""What the communication of May 2015 states: each fact by its line and name in `paris_2014_2020.yaml`, the facts extracted from
the City's documents, with the statement that must tell it and the record that must stand behind it."""

from typing import NamedTuple


class Said(NamedTuple):
    """`proof` is the reference of a record or the end of its page's address; `value` is asked for where a figure is stated."""

    line: int
    name: str
    statement: str
    proof: str
    value: int | None = None


class Lacking(NamedTuple):
    """A fact that no record holds, and why; `words` is what the report says where a reader would look for it."""

    line: int
    name: str
    why: str
    words: str = ""


UNDER_WAY, IN_PREPARATION = "projects-under-way", "projects-in-preparation"
STRENGTHENED, PROMISING = "partnerships-in-progress-strengthening", "partnerships-in-progress-promising"

# In the order of the communication.
STATED = [
    # I. City diplomacy
    Said(35, "london", STRENGTHENED, "/cities/london/", 6),
    Said(36, "new-york", STRENGTHENED, "/cities/new-york/"),
    Said(37, "rio", STRENGTHENED, "/cities/rio/"),
    Said(38, "mexico-city", STRENGTHENED, "/cities/mexico-city/"),
    Said(39, "seoul", STRENGTHENED, "/cities/seoul/"),
    Said(40, "johannesburg", STRENGTHENED, "/cities/johannesburg/"),
    Said(35, "london", "partners-metropolises", "/cities/london/", 6),
    Said(41, "shanghai", PROMISING, "/cities/shanghai/", 3),
    Said(42, "abidjan", PROMISING, "/cities/abidjan/"),
    Said(43, "bogota", PROMISING, "/cities/bogota/"),
    Said(97, "agr-mexico", "city-agreements", "AGR-MEXICO", 4),
    Said(97, "agr-mexico", "agreements-signed-undated", "AGR-MEXICO", 2),
    Said(98, "agr-seoul", "agreements-signed-undated", "AGR-SEOUL"),
    Said(99, "agr-kinshasa", "agreements-signed", "AGR-KINSHASA", 1),
    Said(107, "uclg", "networks-joined", "/networks/uclg/", 6),
    Said(108, "c40", "networks-joined", "/networks/c40/"),
    Said(106, "aimf", "chairs-aimf", "/networks/aimf/", 250),
    Said(371, "ind-aimf-members", "chairs-aimf", "/networks/aimf/", 250),
    Said(159, "bud-aimf", "declared-to-networks-aimf-fund", "/solidarity/funds/aimf/", 1_000_000),
    Said(102, "agr-aimf-ec", "granted-to-partners", "AGR-AIMF-EC", 1),
    Said(185, "ev-aimf-ga", "network-meetings-held", "EVT-AIMF-ASSEMBLY", 1),
    Said(44, "rome", "partners-europe", "/cities/rome/", 5),
    Said(45, "berlin", "partners-europe", "/cities/berlin/"),
    Said(46, "amsterdam", "partners-europe", "/cities/amsterdam/"),
    Said(47, "vienna", "partners-europe", "/cities/vienna/"),
    Said(48, "lisbon", "partners-europe", "/cities/lisbon/"),
    Said(344, "pg-leonardo", "exchanges-of-cities", "#leonardo", 4),
    Said(345, "pg-paris-europe", "exchanges-of-cities", "#paris-europe"),
    Said(351, "pg-school-exchanges", "exchanges-of-cities", "#school-exchanges"),
    Said(356, "pg-language", "exchanges-of-cities", "#language-education"),
    Said(188, "ev-europe-day", "public-days-planned", "EVT-EUROPE-DAY", 2),
    Said(189, "ev-chantiers-europe", "public-days-planned", "EVT-CHANTIERS"),
    Said(303, "esf", "european-programmes", "", 5),
    Said(177, "ev-european-mayors", "summits-held", "EVT-EUROPEAN-MAYORS", 2),
    # II. International solidarity
    Said(156, "bud-oda", "declared-foreign-assistance", "/solidarity/#declared", 6_700_000),
    Said(157, "bud-hiv", "declared-hiv-aids-subsidies", "/solidarity/funds/hiv-aids/", 2_000_000),
    Said(170, "ev-call-of-paris", "summits-held", "EVT-CALL-OF-PARIS"),
    Said(114, "aids-cities", "networks-initiated", "/networks/aids-cities/", 4),
    Said(373, "ind-hiv-target", "health-target-diagnosed-2020", "/solidarity/health/", 90),
    Said(139, "prj-maternal-child-health", IN_PREPARATION, "PRJ-2015-0021"),
    Said(140, "prj-aphp", UNDER_WAY, "PRJ-2015-0022"),
    Said(158, "bud-oudin", "declared-oudin-fund", "/solidarity/funds/oudin/", 1_000_000),
    Said(179, "ev-oudin-10", "remembrance-planned", "EVT-OUDIN-10"),
    Said(160, "bud-waste", "declared-waste-target", "/solidarity/funds/waste/", 1_000_000),
    Said(353, "pg-waste", "ceiling-waste", "/solidarity/funds/waste/", 1),
    Said(161, "bud-emergency", "grant-range-emergency", "/solidarity/funds/emergency/"),
    Said(164, "Ebola", "crises", "#ebola", 5),
    Said(165, "natural_disaster", "crises", "#haiti"),
    Said(165, "natural_disaster", "crises", "#madagascar"),
    Said(165, "natural_disaster", "crises", "#vanuatu"),
    Said(166, "conflict_refugees_displaced", "crises", "#syria-iraq-lebanon"),
    Said(100, "agr-afd", "funder-agreements", "AGR-AFD", 1),
    Said(119, "prj-jericho", UNDER_WAY, "PRJ-2015-0001", 15),
    Said(120, "prj-bethlehem", UNDER_WAY, "PRJ-2015-0002"),
    Said(121, "prj-amman", UNDER_WAY, "PRJ-2015-0003"),
    Said(122, "prj-phnom-penh", UNDER_WAY, "PRJ-2015-0004"),
    Said(123, "prj-rabat", UNDER_WAY, "PRJ-2015-0005"),
    Said(124, "prj-bamako", UNDER_WAY, "PRJ-2015-0006"),
    Said(125, "prj-ouagadougou", UNDER_WAY, "PRJ-2015-0007"),
    Said(126, "prj-cotonou", UNDER_WAY, "PRJ-2015-0008"),
    Said(127, "prj-abidjan", UNDER_WAY, "PRJ-2015-0009"),
    Said(128, "prj-beirut", UNDER_WAY, "PRJ-2015-0010"),
    Said(129, "prj-montreal", UNDER_WAY, "PRJ-2015-0011"),
    Said(136, "prj-johannesburg-climate", UNDER_WAY, "PRJ-2015-0018"),
    Said(137, "prj-new-york-schools", UNDER_WAY, "PRJ-2015-0019"),
    Said(130, "prj-tunis", IN_PREPARATION, "PRJ-2015-0012", 9),
    Said(131, "prj-bucharest", IN_PREPARATION, "PRJ-2015-0013"),
    Said(132, "prj-mexico", IN_PREPARATION, "PRJ-2015-0014"),
    Said(133, "prj-tel-aviv", IN_PREPARATION, "PRJ-2015-0015"),
    Said(134, "prj-rio", IN_PREPARATION, "PRJ-2015-0016"),
    Said(135, "prj-brazzaville", IN_PREPARATION, "PRJ-2015-0017"),
    Said(142, "prj-counter-radicalisation", IN_PREPARATION, "PRJ-2015-0023"),
    *(
        Said(line, city, "comparators", f"/cities/{city}/", 8)
        for line, city in (
            (36, "new-york"),
            (73, "mumbai"),
            (74, "beijing"),
            (75, "sao-paulo"),
            (76, "nairobi"),
            (77, "goteborg"),
            (78, "stockholm"),
            (79, "malaga"),
        )
    ),
    Said(75, "sao-paulo", "inclusive-practices", "#social-inclusion-sao-paulo", 8),
    Said(111, "inclusive-cities", "networks-initiated", "/networks/inclusive-cities/"),
    # III. International influence
    Said(180, "ev-cop21", "major-events-planned", "EVT-COP21", 5),
    Said(182, "ev-1000-mayors", "summits-planned", "EVT-1000-MAYORS", 1),
    Said(192, "ev-euro-2016", "major-events-planned", "EVT-EURO-2016"),
    Said(193, "ev-gay-games", "major-events-planned", "EVT-GAY-GAMES"),
    Said(194, "ev-olympics", "major-events-planned", "EVT-GAMES-2024"),
    Said(195, "ev-worlds-fair", "major-events-planned", "EVT-WORLD-FAIR"),
    Said(138, "prj-innovation-exchange", IN_PREPARATION, "PRJ-2015-0020"),
    Said(138, "prj-innovation-exchange", "campus", "#start-up-exchange", 4),
    Said(355, "pg-smart-city", "smart-practices", "#participatory-budget", 6),
    Said(347, "pg-research-in-paris", "campus", "#research-in-paris"),
    Said(293, "res-researchers", "researchers-advanced-studies", "#advanced-studies"),
    Said(346, "pg-paris-erasmus", "campus", "#paris-erasmus"),
    Said(348, "pg-students-desk", "campus", "#foreign-students-welcome"),
    Said(101, "agr-institut-francais", "cultural-agreements", "AGR-INSTITUT-FR", 1),
    Said(285, "supported_abroad", "works-abroad", "#abroad-theatre-de-la-ville", 4),
    Said(285, "supported_abroad", "works-abroad", "#abroad-institute-islamic-cultures"),
    Said(285, "supported_abroad", "works-abroad", "#abroad-european-photography-centre"),
    Said(285, "supported_abroad", "works-abroad", "#abroad-centquatre"),
    Said(277, "berlin", "tandems-undated", "#tandem-berlin", 3),
    Said(278, "dakar", "tandems-undated", "#tandem-dakar"),
    Said(279, "rome", "tandems-undated", "#tandem-rome"),
    Said(280, "london", "tandems", "#tandem-london", 1),
    Said(281, "new-york", "tandems-ahead", "#tandem-new-york", 1),
    Said(283, "KR", "seasons-ahead", "#season-korea-2015", 2),
    Said(284, "CO", "seasons-ahead", "#season-colombia-2017"),
    Said(286, "foreign_cultural_centres", "centres-undated", "#foreign-cultural-centres", 1),
    Said(290, "res-artists", "residencies-artists-in-residence", "#artists-in-residence", 10),
    Said(291, "res-icorn", "residencies-icorn-refuge", "#icorn-refuge", 1),
    Said(109, "icorn", "networks-joined", "/networks/icorn/"),
    Said(178, "ev-exile", "forums-planned", "EVT-EXILE", 2),
    Said(183, "ev-icorn-agm", "network-meetings-planned", "EVT-ICORN-2016", 3),
    # IV. Universal values and remembrance
    Said(169, "ev-jan11", "rallies-held", "EVT-JAN-11", 1),
    Said(50, "copenhagen", "solidarity-cities", "/cities/copenhagen/", 3),
    Said(51, "tunis", "solidarity-cities", "/cities/tunis/"),
    Said(71, "garissa", "solidarity-cities", "/cities/garissa/"),
    Said(296, "hon-2015", "honours-awarded", "HON-CHARLIE", 2),
    Said(296, "hon-2015", "honours-awarded", "HON-2015-UNNAMED"),
    Said(292, "res-journalists", "journalists-house-of-journalists", "#house-of-journalists"),
    Said(107, "uclg", "commissions-chaired", "/networks/uclg/", 1),
    Said(99, "agr-kinshasa", "gender-clause", "AGR-KINSHASA", 25),
    Said(112, "gender-mayors", "networks-initiated", "/networks/gender-mayors/"),
    Said(204, "ms-auschwitz", "emblematic-missions", "MIS-AUSCHWITZ", 1),
    Said(204, "ms-auschwitz", "trips", "MIS-AUSCHWITZ", 1),
    Said(172, "ev-auschwitz", "remembrance-held", "EVT-AUSCHWITZ-70", 1),
    Said(173, "ev-rwanda-stone", "remembrance-undated", "EVT-RWANDA-STONE", 1),
    Said(174, "ev-armenia-expo", "exhibitions-undated", "EVT-ARMENIA-EXPO", 1),
    Said(205, "ms-yerevan", "emblematic-missions-ahead", "MIS-YEREVAN", 2),
    Said(175, "ev-srebrenica", "remembrance-planned", "EVT-SREBRENICA-20", 2),
]

# What the communication says and no record holds. Where a reader would look for a figure, the report says that it is not known.
LACKING = [
    Lacking(
        358,
        "pg-delegations",
        "The communication says that many delegations are received, and names none.",
        "No delegation received in the period is recorded.",
    ),
    Lacking(359, "pg-monitoring", "The political watch is a task of the department: no note of it is in the document."),
    Lacking(
        350,
        "pg-eu-watch",
        "The platform is a service: what it follows is recorded, applications are not.",
        "No application to European funds in the period is recorded.",
    ),
    Lacking(
        325,
        "fidh",
        "Said to be subsidised, without an amount or a year: no grant is recorded.",
        "No grant voted in the period is recorded.",
    ),
    Lacking(
        326,
        "amnesty",
        "Said to be subsidised, without an amount or a year: no grant is recorded.",
        "No amount is recorded for: Defence of human rights, Emergency aid.",
    ),
    Lacking(
        352,
        "pg-oudin",
        "The yearly amount is declared; no envelope states what the Council authorised.",
        "No envelope of these years is recorded.",
    ),
    Lacking(
        161,
        "bud-emergency",
        "No single emergency grant is named.",
        "No emergency grant voted in the period is recorded.",
    ),
    Lacking(318, "aphp", "No amount, neither its own nor of others.", "No amount of any project is recorded."),
    Lacking(
        285,
        "supported_abroad",
        "The years of the works are not given, so that rotation cannot be judged.",
        "No work has a known year: whether turns are taken cannot be judged.",
    ),
    Lacking(204, "ms-auschwitz", "Who went is not named.", "The groups that went along are recorded of none."),
    Lacking(
        292, "res-journalists", "How many journalists a year is not stated.", "how many people a year is not known"
    ),
    Lacking(
        293, "res-researchers", "How many researchers a year is not stated.", "how many people a year is not known"
    ),
    Lacking(
        298, "hon-commission", "A commission yet to be proposed to the Council: a commitment of the mandate (C-14)."
    ),
    Lacking(322, "tv5monde", "A partner of the AIMF; no agreement or project with it is named."),
    Lacking(317, "apur", "A partner of technical cooperation; the document ties it to no project."),
    Lacking(
        354,
        "pg-reinventing-paris",
        "An urban call of the City that drew foreign partners: no record of Parvis is about it.",
    ),
    Lacking(357, "pg-brand", "Communication of the City: no record of Parvis is about it."),
    Lacking(349, "pg-student-housing", "A housing policy of the City: no record of Parvis is about it."),
    Lacking(361, "pg-expression", "Subsidies and help without an amount or a name."),
    Lacking(
        364,
        "ind-urban-pop",
        "A figure of the United Nations on the world, quoted and doubtful: none of the City's action.",
    ),
    Lacking(365, "ind-innovation-capital", "A ranking of others, which nothing in the records can prove."),
    Lacking(
        368, "ind-incubators-built", "Floor area of incubators: built by the City, no part of its international action."
    ),
    Lacking(370, "ind-francophone-space", "Inhabitants of the French-speaking world: no figure of the City's action."),
]
