from partnerships.models.agreement_parts import AgreementClause, AgreementParty, Amendment
from partnerships.models.agreements import Agreement
from partnerships.models.council import CouncilGroup, Deliberation
from partnerships.models.networks import Ambassador, Dues, Membership, Network, NetworkCity, NetworkSeat
from partnerships.models.organisations import Organisation, Person, PersonRole
from partnerships.models.places import Area, City, CityArea, Country, CountryStatus, Relation, WatchNote
from partnerships.models.renewals import RenewalDecision

__all__ = [
    "Agreement",
    "AgreementClause",
    "AgreementParty",
    "Ambassador",
    "Amendment",
    "Area",
    "City",
    "CityArea",
    "CouncilGroup",
    "Country",
    "CountryStatus",
    "Deliberation",
    "Dues",
    "Membership",
    "Network",
    "NetworkCity",
    "NetworkSeat",
    "Organisation",
    "Person",
    "PersonRole",
    "Relation",
    "RenewalDecision",
    "WatchNote",
]
