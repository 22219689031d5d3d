"""The reference data of the register, in the order in which they lean on each other."""

from pathlib import Path

from core.loading import Rows, register
from core.models import Source
from partnerships import models

RELATION = ("kind", "description_fr")
COUNTRY = Rows(models.Country, ("code",), children={"relations": Rows(models.Relation, RELATION, parent="country")})
STATUS = Rows(models.CountryStatus, ("country", "kind", "since"))
CITY = Rows(
    models.City,
    ("slug",),
    children={
        "areas": Rows(models.CityArea, ("area",), parent="city"),
        "relations": Rows(models.Relation, RELATION, parent="city"),
    },
)
SOURCE = Rows(Source, ("slug",))
ORGANISATION = Rows(models.Organisation, ("slug",))
DELIBERATION = Rows(models.Deliberation, ("title_fr",))
PERSON = Rows(
    models.Person,
    ("slug",),
    children={"roles": Rows(models.PersonRole, ("title_fr", "since"), parent="person")},
)
AGREEMENT = Rows(
    models.Agreement,
    ("reference",),
    also=("status",),  # the data give the state as it was; after that the workflow alone moves it
    children={
        "parties": Rows(models.AgreementParty, ("city", "organisation"), parent="agreement"),
        "clauses": Rows(models.AgreementClause, ("kind", "text"), parent="agreement"),
    },
)
NETWORK = Rows(
    models.Network,
    ("slug",),
    children={
        "memberships": Rows(models.Membership, ("role", "commission_fr", "since"), parent="network"),
        "member_cities": Rows(models.NetworkCity, ("city", "since"), parent="network"),
    },
)

register(
    Path(__file__).parent / "data",
    {
        "sources.yaml": SOURCE,
        "countries.yaml": COUNTRY,
        "country_dac.yaml": STATUS,
        "country_oif.yaml": STATUS,
        "areas.yaml": Rows(models.Area, ("slug",)),
        "cities_metropolises.yaml": CITY,
        "cities_francophone.yaml": CITY,
        "cities_europe.yaml": CITY,
        "cities_others.yaml": CITY,
        "organisations.yaml": ORGANISATION,
        "people.yaml": PERSON,
        "deliberations.yaml": DELIBERATION,
        "agreements.yaml": AGREEMENT,
        "networks.yaml": NETWORK,
    },
)
