"""What the search across all kinds of record finds of the mandate."""

from core.finding import Kind, register
from mandate.models import Mandate, Objective, Report

register(
    Kind(Objective, "wording", says=("reference", "get_status_display", "mandate.title"), order=125),
    Kind(Mandate, "title", order=127),
    Kind(Report, "title", says=("get_status_display",), order=128),
)
