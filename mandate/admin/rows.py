"""The rows of an objective: who works on it, what it needs, its steps, what measures it, what shows it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.inlines import RowsStack, RowsTable
from core.admin.start import address_of
from mandate import measures
from mandate.admin.quantities import last_reading, now
from mandate.models import EVIDENCE, Evidence, Indicator, Milestone, ObjectiveAssociate, ObjectivePrecondition
from mandate.presentation import tendency
from mandate.selectors import indicators

# What narrows a measure, in words.
NARROWED_BY = {
    "area": gettext_lazy("the short name of an area"),
    "city": gettext_lazy("the short name of a city"),
    "network": gettext_lazy("the short name of a network"),
    "organisation": gettext_lazy("the short name of an organisation"),
    "theme": gettext_lazy("the short name of a field of cooperation"),
    "programme": gettext_lazy("the short name of an exchange programme"),
    "fund": gettext_lazy("the short name of a fund"),
    "event": gettext_lazy("the reference of an event"),
    "event-kind": gettext_lazy("a kind of event, as the API writes it"),
}


class AssociateRows(RowsTable):
    model = ObjectiveAssociate
    fields = ["person", "organisation"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("person", "organisation")


class PreconditionRows(RowsTable):
    model = ObjectivePrecondition
    fk_name = "objective"
    fields = ["needs", "words_fr", "words_en", "fulfilled_on"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("needs")


class MilestoneRows(RowsTable):
    model = Milestone
    fields = ["title_fr", "title_en", "due_on", "due_on_precision", "reached_on"]
    show_change_link = True
    tab = True


class EvidenceRows(RowsStack):
    """The records that show something of it: one in each row, of those that the reader sees."""

    model = Evidence
    fields = [
        ("mission", "delegation"),
        ("event", "agreement"),
        ("project", "grant"),
        ("membership", "document"),
        ("note_fr", "note_en"),
        "added_on",
        "open_record",
    ]
    readonly_fields = ["open_record"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*EVIDENCE)

    @admin.display(description=gettext_lazy("record"))
    def open_record(self, shown: Evidence) -> str:
        if shown._state.adding:
            return ""
        address = address_of(shown.record)
        return format_html('<a class="underline" href="{}">{}</a>', address, shown) if address else str(shown)


class Measured:
    """How indicators are asked for and read, on their own page and among the rows of their objective."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a page or rows of Django's
        if db_field.name == "parameter" and field is not None:
            field.help_text = parameter_help()
        return field

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "measure":
            kwargs["choices"] = [("", _("judged by hand")), *measures.choices()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]  # a page or rows of Django's

    @admin.display(description=gettext_lazy("last reading"))
    def read_last(self, indicator: Indicator) -> str:
        return last_reading(indicators.trend(indicator)) if indicator.measure else ""

    @admin.display(description=gettext_lazy("trend"))
    def tends(self, indicator: Indicator) -> str:
        return "" if indicator._state.adding else tendency(indicators.trend(indicator))


def parameter_help() -> str:
    """Which measures are narrowed, and by what."""
    narrowed: dict[str, list[str]] = {}
    for known in measures.registered().values():
        if known.parameter:
            narrowed.setdefault(known.parameter, []).append(str(known.title))
    parts = [
        _("%(what)s for: %(measures)s.") % {"what": NARROWED_BY[name], "measures": "; ".join(titles)}
        for name, titles in narrowed.items()
    ]
    return " ".join([*(part[:1].upper() + part[1:] for part in parts), _("Empty for every other measure.")])


class IndicatorRows(Measured, RowsStack):
    """What measures it, with the figure now and where it tends."""

    model = Indicator
    fields = [
        ("title_fr", "title_en"),
        ("measure", "parameter"),
        ("judged_words_fr", "judged_words_en"),
        ("direction", "target"),
        ("baseline", "unit"),
        ("since", "until"),
        ("figure_now", "tends"),
        "position",
    ]
    readonly_fields = ["figure_now", "tends"]
    show_change_link = True
    tab = True

    def get_queryset(self, request):
        # Rows are made anew for every request, so that what they measure is measured for this reader.
        self.reader = request.user
        return indicators.indicators(request.user).order_by(*self.get_ordering(request))

    @admin.display(description=gettext_lazy("figure now"))
    def figure_now(self, indicator: Indicator) -> str:
        """As the reader may see it, with how many records it rests on."""
        return "" if indicator._state.adding else now(self.reader, indicator)
