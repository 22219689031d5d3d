"""What the search across all kinds of record finds of cooperation."""

from cooperation.models import CulturalProject, ExchangeProgramme, FundingCall, GoodPractice, Label, Project
from core.finding import Kind, register

register(
    Kind(Project, "title", says=("reference", "get_stage_display"), listing="cooperation:projects", order=50),
    Kind(FundingCall, "title", says=("identifier", "programme.name"), listing="cooperation:calls", order=60),
    Kind(CulturalProject, "title", says=("get_kind_display", "year"), order=140),
    Kind(ExchangeProgramme, "name", says=("get_kind_display",), order=150),
    Kind(Label, "title", says=("programme.name", "get_stage_display"), order=160),
    Kind(GoodPractice, "title", order=170),
)
