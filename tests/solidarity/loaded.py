"""What the tests of the loaded data and of the samples have in common."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.utils.translation import override

from core.history import event_model
from core.loading import Rows
from core.models import BaseModel
from solidarity.models import (
    Allocation,
    FinancialReport,
    Grant,
    GrantAgreement,
    Instalment,
    Payment,
    Piece,
    ReportLine,
)

OF_GRANTS = [
    Allocation,
    FinancialReport,
    Grant,
    GrantAgreement,
    Instalment,
    Payment,
    Piece,
    ReportLine,
]


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    with override("en"):
        call_command(command, *arguments, stdout=out)
    return out.getvalue()


def models_of(files: list[tuple[Path, Rows]]) -> set[type[BaseModel]]:
    def within(rows: Rows) -> set[type[BaseModel]]:
        return {rows.model}.union(*(within(child) for child in rows.children.values()))

    found = set().union(*(within(rows) for _path, rows in files))
    return {model for model in found if model._meta.app_label == "solidarity"}


def state(of: set[type[BaseModel]]) -> dict:
    return {
        model: (event_model(model).objects.count(), list(model.objects.order_by("pk").values_list("pk", "version")))
        for model in of
    }
