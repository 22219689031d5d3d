"""The funding watch: programmes, calls, applications, and what the City has filed."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, Value, When
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cooperation.admin.money import amount_in_euros
from cooperation.admin.reference import COOPERATION
from cooperation.enums import FILED_GATES, Gate
from cooperation.models import Application, CallCountry, CallTheme, Filing, FundingCall, FundingProgramme
from cooperation.selectors import calls as selectors
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.imported import Tied
from core.admin.importing import ImportedList
from core.admin.inlines import RowsTable
from core.admin.listing import SavedView
from core.admin.start import address_of
from core.dates import display as shown
from core.translated import order

APPLICATION_COLOURS = {
    "draft": "default",
    "submitted": "info",
    "won": "success",
    "lost": "danger",
    "withdrawn": "default",
}
CALL_STATES = {
    "open": _("open"),
    "forthcoming": _("forthcoming"),
    "withdrawn": _("withdrawn"),
    "closed": _("closed"),
}
CALL_COLOURS = {"open": "success", "forthcoming": "info", "withdrawn": "danger", "closed": "default"}
# The columns of a file of calls; docs/importing-calls.md explains them.
CALL_COLUMNS = (
    "identifier",
    "title_fr",
    "title_en",
    "programme",
    "published_status",
    "opens_on",
    "deadline_model",
    "deadlines",
    "withdrawn_on",
    "call_budget",
    "topic_budget",
    "min_contribution",
    "max_contribution",
    "cofunding_rate",
    "min_partners_share",
    "min_partners",
    "country_scope",
    "themes",
    "countries",
    "gates",
    "keywords",
    "conditions_fr",
    "conditions_en",
    "url",
)


@admin.register(FundingProgramme)
class FundingProgrammeAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        columns.text("funder", _("funder"), "funder__name_fr"),
        "kind",
        "call_count",
    ]
    list_select_related = ["funder"]
    list_filter = ["kind"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("funder", "kind"), ("website", "slug")]}),
        (
            _("Conditions of every call that states none of its own"),
            {"fields": [("min_contribution", "max_contribution"), "min_partners_share", "gates"]},
        ),
        (_("More"), {"fields": [("description_fr", "description_en")]}),
    ]
    prepopulated_fields = {"slug": ["name_fr"]}
    sidebar = Place(126, "savings", COOPERATION)

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(calls_counted=Count("calls"))

    def get_ordering(self, request):
        return [order("name"), "pk"]

    @admin.display(description=_("calls"), ordering="calls_counted")
    def call_count(self, programme: FundingProgramme) -> int:
        return programme.calls_counted  # type: ignore[attr-defined]  # annotated by get_queryset()


class ThemeRows(RowsTable):
    model = CallTheme
    fields = ["theme"]
    tab = True


class CountryRows(RowsTable):
    model = CallCountry
    fields = ["country"]
    tab = True


@admin.register(FundingCall)
class FundingCallAdmin(ImportedList, RecordAdmin):
    list_display = [
        "identifier",
        columns.text("title", _("title"), "title_fr"),
        columns.text("programme", _("funding programme"), "programme__name_fr"),
        "state",
        "opens_on",
        "deadline_list",
        "application_count",
    ]
    list_display_links = ["identifier", list_display[1]]
    list_filter = ["programme", "fields__theme", "country_scope"]
    inlines = [ThemeRows, CountryRows]
    sidebar = Place(120, "campaign", COOPERATION)
    views = (
        SavedView("open", _("Open"), selectors.open_calls),
        SavedView("forthcoming", _("Forthcoming"), selectors.forthcoming_calls),
        SavedView("unanswered", _("Without application"), selectors.unanswered_calls),
    )
    not_in_history = ("last_deadline",)
    fieldsets = [
        (None, {"fields": ["identifier", ("title_fr", "title_en"), "programme", "url"]}),
        (
            _("Dates"),
            {"fields": [("opens_on", "deadline_model"), "deadlines", ("published_status", "withdrawn_on")]},
        ),
        (
            _("Money"),
            {
                "fields": [
                    ("call_budget", "topic_budget"),
                    ("min_contribution", "max_contribution"),
                    ("cofunding_rate", "min_partners_share"),
                ]
            },
        ),
        (
            _("Conditions"),
            {
                "fields": [
                    ("min_partners", "country_scope"),
                    "gates",
                    "keywords",
                    ("conditions_fr", "conditions_en"),
                ]
            },
        ),
    ]
    import_key = "identifier"
    import_columns = CALL_COLUMNS
    import_refer = {"programme": "slug"}
    import_tied = {
        "themes": Tied(CallTheme, "call", "theme", "slug"),
        "countries": Tied(CallCountry, "call", "country", "code"),
    }
    import_help = {
        "identifier": _("the funder's own; required"),
        "title_fr": _("required"),
        "programme": _("short name of the programme; required"),
        "deadlines": _("list of days; at least one"),
        "themes": _("list of short names"),
        "countries": _("list of codes of two letters"),
        "keywords": _("list"),
    }

    def get_queryset(self, request):
        state = Case(
            When(withdrawn_on__isnull=False, then=Value("withdrawn")),
            When(selectors.is_forthcoming(), then=Value("forthcoming")),
            When(selectors.is_open(), then=Value("open")),
            default=Value("closed"),
        )
        found = selectors.calls(request.user).annotate(state=state, asked=Count("applications", distinct=True))
        return found.order_by(*self.get_ordering(request))

    @display(description=_("state"), label=CALL_COLOURS)
    def state(self, call: FundingCall):
        return call.state, CALL_STATES[call.state]  # type: ignore[attr-defined]  # annotated by get_queryset()

    @admin.display(description=_("deadlines"), ordering="last_deadline")
    def deadline_list(self, call: FundingCall) -> str:
        return ", ".join(shown(day, "day") for day in call.deadlines)

    @admin.display(description=_("applications"), ordering="asked")
    def application_count(self, call: FundingCall) -> int:
        return call.asked  # type: ignore[attr-defined]  # annotated by get_queryset()


@admin.register(Application)
class ApplicationAdmin(RecordAdmin):
    list_display = [
        columns.text("project", _("project"), "project__reference"),
        columns.text("call", _("funding call"), "call__identifier"),
        columns.text("directorate", _("directorate that applies"), "directorate__name_fr"),
        columns.state("stage", _("stage"), APPLICATION_COLOURS),
        amount_in_euros("amount_asked", _("asked (EUR)")),
        amount_in_euros("amount_obtained", _("obtained (EUR)")),
        "submitted_on",
    ]
    list_display_links = [list_display[0], list_display[1]]
    list_filter = ["stage", "directorate", "call__programme"]
    search_fields = [
        "project__reference__icontains",
        "project__title_fr__unaccent__icontains",
        "project__title_en__unaccent__icontains",
        "call__identifier__icontains",
        "call__title_fr__unaccent__icontains",
        "call__title_en__unaccent__icontains",
    ]
    sidebar = Place(122, "send", COOPERATION)
    views = (SavedView("pending", _("Drafts and unanswered"), selectors.pending_applications),)

    def get_queryset(self, request):
        return selectors.applications(request.user).order_by(*self.get_ordering(request))

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (
                None,
                {
                    "fields": [
                        "call",
                        "project",
                        ("directorate", "deadline"),
                        ("total_cost", "amount_asked"),
                        "deliberation",
                    ]
                },
            )
        ]
        if obj is not None and (obj.submitted_on or obj.decided_on):
            dates: list = [("submitted_on", "decided_on") if obj.decided_on else "submitted_on"]
            if obj.amount_obtained is not None:
                dates.append("amount_obtained")
            corrected = {"fields": dates, "description": _("Set by the steps above; correct a mistake here.")}
            fieldsets.append((_("Dates set by the steps"), corrected))
        told = [name for name in ("decision_reason", "line") if obj is not None and getattr(obj, name, True)]
        if obj is not None and (obj.decision_reason or obj.funding_line_id):
            fieldsets.append((_("What came of it"), {"fields": told}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        return ["decision_reason", "line"]

    @admin.display(description=_("funding line"))
    def line(self, application: Application) -> str:
        line = application.funding_line
        return format_html('<a class="underline" href="{}">{}</a>', address_of(line), line) if line else ""


@admin.register(Filing)
class FilingAdmin(RecordAdmin):
    list_display = ["gate", "year", columns.text("funder", _("funder"), "funder__name_fr"), "filed_on", "reference"]
    list_display_links = ["gate", "year"]
    list_select_related = ["funder"]
    list_filter = ["gate", "year"]
    search_fields = ["reference__icontains", "funder__name_fr__unaccent__icontains"]
    fields = [("gate", "year"), "funder", ("filed_on", "reference")]
    sidebar = Place(124, "task", COOPERATION)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "gate":
            kwargs["choices"] = [("", _("Choose")), *((gate.value, gate.label) for gate in Gate if gate in FILED_GATES)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)
