"""The grants invented for the demonstration: amounts in EUR, no real body, city or sum. `solidarity.samples` makes them."""

from dataclasses import dataclass
from datetime import date


def in_french(text: str) -> str:
    """The text with the words by which everything invented begins."""
    return f"Exemple inventé — {text}"


def in_english(text: str) -> str:
    return f"Invented sample — {text}"


@dataclass(frozen=True)
class Part:
    """What an envelope of the grant's year bears, and which service's resources."""

    fund: str
    service: str
    amount: int


@dataclass(frozen=True)
class Due:
    amount: int
    due_on: date


@dataclass(frozen=True)
class Agreement:
    signed_on: date
    conditions: str
    instalments: tuple[Due, ...]


@dataclass(frozen=True)
class Paid:
    """A payment out of a part; `instalment` is its number where there is an agreement, 0 where there is none."""

    part: Part
    instalment: int
    paid_on: date
    amount: int


@dataclass(frozen=True)
class Report:
    """Lines are label, budget and actual."""

    received_on: date
    accepted_on: date | None
    lines: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Sample:
    """`until` is the last verb of its life ("" = it is a draft), `stopped` the verb that ends it early, and why."""

    reference: str
    title_fr: str
    title_en: str
    body: str
    year: int
    asked: int
    until: str = ""
    received_on: date | None = None
    in_kind: int = 0
    theme: str = "water-sanitation"
    project: str = ""
    crisis: str = ""
    pieces: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    opinion: str = "avis favorable"
    deliberation: str = ""
    agreement: Agreement | None = None
    payments: tuple[Paid, ...] = ()
    report_due: date | None = None
    report: Report | None = None
    stopped: tuple[str, str] | None = None

    @property
    def granted(self) -> int:
        return sum(part.amount for part in self.parts)


COMPLETE = ("form", "budget", "statutes")
TERMS = "versement à la signature, puis au vu d’un état d’avancement ; compte rendu financier dans les six mois de l’exercice"
JULY, FEBRUARY, MAY = "subventions de juillet 2014", "subventions de février 2015", "subventions de mai 2015"
APRIL = "aide d’urgence d’avril 2015"


def water(amount: int) -> Part:
    return Part("sample-water-fund", "sample-water", amount)


def sanitation(amount: int) -> Part:
    return Part("sample-water-fund", "sample-sanitation", amount)


def emergency(amount: int) -> Part:
    return Part("sample-emergency-fund", "", amount)


SAMPLES = (
    Sample(
        "GRA-EXEMPLE-1",
        "deux puits de village",
        "two village wells",
        "sample-well-association",
        2014,
        24000,
        "close",
        date(2014, 5, 5),
        pieces=COMPLETE,
        parts=(water(20000),),
        deliberation=JULY,
        payments=(Paid(water(20000), 0, date(2014, 9, 15), 20000),),
        report=Report(
            date(2015, 3, 16), date(2015, 4, 20), (("forage", 14000, 14600), ("formation des habitants", 6000, 5400))
        ),
    ),
    Sample(
        "GRA-EXEMPLE-2",
        "réseau d’eau et latrines de quartier",
        "water network and latrines of a neighbourhood",
        "sample-latrine-association",
        2015,
        75000,
        "open_payment",
        date(2014, 11, 24),
        in_kind=3000,
        project="PRJ-EXEMPLE-1",
        pieces=COMPLETE,
        parts=(water(45000), sanitation(15000)),
        deliberation=FEBRUARY,
        agreement=Agreement(date(2015, 2, 23), TERMS, (Due(40000, date(2015, 3, 31)), Due(20000, date(2015, 10, 30)))),
        payments=(Paid(water(45000), 1, date(2015, 3, 30), 40000),),
    ),
    Sample(
        "GRA-EXEMPLE-3",
        "assainissement d’un marché",
        "sanitation of a market",
        "sample-spring-association",
        2014,
        30000,
        "report",
        date(2014, 4, 28),
        pieces=COMPLETE,
        parts=(sanitation(30000),),
        deliberation=JULY,
        agreement=Agreement(date(2014, 7, 21), TERMS, (Due(30000, date(2014, 9, 30)),)),
        payments=(Paid(sanitation(30000), 1, date(2014, 9, 29), 30000),),
        report=Report(date(2015, 5, 11), None, (("travaux", 24000, 25100), ("suivi", 6000, 4900))),
    ),
    Sample(
        "GRA-EXEMPLE-4",
        "protection d’une source",
        "protection of a spring",
        "sample-basin-association",
        2014,
        20000,
        "open_payment",
        date(2014, 5, 12),
        pieces=COMPLETE,
        parts=(water(18000),),
        deliberation=JULY,
        agreement=Agreement(
            date(2014, 7, 21),
            "versement unique ; compte rendu financier avant le 31 mars 2015",
            (Due(18000, date(2014, 10, 31)),),
        ),
        payments=(Paid(water(18000), 1, date(2014, 10, 30), 18000),),
        report_due=date(2015, 3, 31),
    ),
    Sample(
        "GRA-EXEMPLE-5",
        "seconde tranche de la protection d’une source",
        "second phase of the protection of a spring",
        "sample-basin-association",
        2015,
        25000,
        "submit",
        date(2015, 3, 23),
        pieces=COMPLETE,
    ),
    Sample(
        "GRA-EXEMPLE-6",
        "points d’eau dans des écoles",
        "water points in schools",
        "sample-school-association",
        2015,
        32000,
        "review",
        date(2015, 4, 27),
        pieces=("form",),
    ),
    Sample(
        "GRA-EXEMPLE-7",
        "réparation de pompes",
        "repair of pumps",
        "sample-pump-association",
        2015,
        22000,
        "propose",
        date(2015, 3, 16),
        pieces=COMPLETE,
        parts=(sanitation(22000),),
    ),
    Sample(
        "GRA-EXEMPLE-8",
        "eau potable après une inondation",
        "drinking water after a flood",
        "sample-relief-association",
        2015,
        50000,
        "open_payment",
        date(2015, 4, 7),
        theme="emergency-aid",
        crisis="sample-flood",
        pieces=COMPLETE,
        parts=(emergency(30000), water(15000)),
        deliberation=APRIL,
        agreement=Agreement(date(2015, 4, 15), "versement unique à la signature", (Due(45000, date(2015, 4, 20)),)),
        payments=(
            Paid(emergency(30000), 1, date(2015, 4, 17), 30000),
            Paid(water(15000), 1, date(2015, 4, 17), 15000),
        ),
    ),
    Sample(
        "GRA-EXEMPLE-9",
        "voyage d’étude",
        "study trip",
        "sample-association",
        2015,
        90000,
        "review",
        date(2015, 2, 16),
        pieces=COMPLETE,
        stopped=("reject", "l’objet est hors du champ du fonds"),
    ),
    Sample(
        "GRA-EXEMPLE-10",
        "campagne d’hygiène",
        "hygiene campaign",
        "sample-spring-association",
        2015,
        12000,
        "submit",
        date(2015, 3, 2),
        pieces=("form",),
        stopped=("withdraw", "l’association renonce à son projet"),
    ),
    Sample(
        "GRA-EXEMPLE-11",
        "extension d’une adduction d’eau",
        "extension of a water supply",
        "sample-well-association",
        2015,
        40000,
        "vote",
        date(2015, 2, 23),
        pieces=COMPLETE,
        parts=(water(35000),),
        deliberation=MAY,
    ),
    Sample(
        "GRA-EXEMPLE-12",
        "latrines d’un centre de soins",
        "latrines of a health centre",
        "sample-pump-association",
        2015,
        28000,
        "sign",
        date(2015, 1, 19),
        pieces=COMPLETE,
        parts=(sanitation(28000),),
        deliberation=MAY,
        agreement=Agreement(date(2015, 5, 26), TERMS, (Due(14000, date(2015, 6, 30)), Due(14000, date(2015, 12, 15)))),
    ),
    Sample(
        "GRA-EXEMPLE-13",
        "récupération d’eau de pluie",
        "rainwater harvesting",
        "sample-school-association",
        2015,
        15000,
    ),
)
