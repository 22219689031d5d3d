"""What the search across all kinds of record finds of partnerships."""

from core.finding import Kind, register
from partnerships.models import Agreement, City, Country, Network

register(
    Kind(City, "name", says=("country.name",), listing="partnerships:cities", order=10),
    Kind(Country, "name", says=("region",), order=20),
    Kind(
        Agreement,
        "title",
        says=("reference", "get_kind_display", "get_status_display"),
        listing="partnerships:agreements",
        order=30,
    ),
    Kind(Network, "name", says=("acronym", "get_status_display"), listing="partnerships:networks", order=40),
)
