"""What the search across all kinds of record finds of solidarity. Files of people under threat are not among them."""

from core.finding import Kind, register
from solidarity.models import Crisis, Fund, Grant, Honour, Residency, ResidencyProgramme

register(
    Kind(
        Grant,
        "title",
        says=("reference", "beneficiary.name", "year", "get_stage_display"),
        listing="solidarity:grants",
        order=70,
    ),
    Kind(Fund, "name", says=("get_kind_display",), order=80),
    Kind(Crisis, "name", order=180),
    Kind(Honour, "recipient", says=("reference", "get_kind_display", "get_stage_display"), order=190),
    Kind(Residency, "resident", says=("programme.name",), order=200),
    Kind(ResidencyProgramme, "name", order=210),
)
