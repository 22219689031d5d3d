"""The figures of cooperation as they are published: each names its selector, its definition and the records behind it."""

from django.utils.translation import gettext_lazy as _

from cooperation import selectors
from cooperation.enums import LIVE, ProjectStage
from core import clock
from core.figures import Figure, Query, register

_LIVE: Query = {"stage": [str(stage) for stage in LIVE]}
_NOT_ABANDONED: Query = {"project_stage": [stage.value for stage in ProjectStage if stage != ProjectStage.ABANDONED]}
_PAYING: Query = _NOT_ABANDONED | {"nature": "cash"}


def _disbursed_last_year() -> Query:
    last = clock.today().year - 1
    return _NOT_ABANDONED | {"kind": "disbursed", "on_after": f"{last}-01-01", "on_before": f"{last}-12-31"}


def _forecast_for_last_year() -> Query:
    return {"year": str(clock.today().year - 1), "compared": "true"}


register(
    Figure(
        "projects-under-way",
        _("Projects under way"),
        _("Cooperation projects under way today. The parts of a larger project are not counted beside it."),
        lambda reader: selectors.projects.under_way(reader).count(),
        "projects",
        {"stage": "under-way", "part": "false"},
        model="cooperation.project",
    ),
    Figure(
        "project-cities",
        _("Cities with a project under way"),
        _("The cities in which a cooperation project is under way today, each counted once."),
        lambda reader: selectors.projects.cities_under_way(reader).count(),
        "projects",
        {"stage": "under-way"},
        model="cooperation.project",
    ),
    Figure(
        "external-per-city-euro",
        _("External euros per euro of the City"),
        _(
            "What others have committed in cash for one euro that the City has committed in cash, over the projects that were "
            "not abandoned. By field, a project counts in each of its fields; by year, in that of the commitment."
        ),
        selectors.money.external_per_city_euro,
        "funding-lines",
        _PAYING,
        model="cooperation.fundingline",
        breakdowns={
            "project": selectors.money.external_by_project,
            "theme": selectors.money.external_by_theme,
            "year": selectors.money.external_by_year,
        },
    ),
    Figure(
        "transversality",
        _("Projects of several directorates"),
        _("Of the projects from idea to under way, those on which several directorates of the City work."),
        selectors.projects.transversality,
        "projects",
        _LIVE,
        _LIVE | {"transversal": "true"},
        model="cooperation.project",
    ),
    Figure(
        "priority-fields",
        _("Projects in the priority fields"),
        _(
            "Of the projects from idea to under way, those in a field that the mission letter makes a priority of the end of "
            "term: digital, sustainable development."
        ),
        selectors.projects.priority_share,
        "projects",
        _LIVE,
        _LIVE | {"priority": "true"},
        model="cooperation.project",
    ),
    Figure(
        "forecast-variance",
        _("Disbursed, minus forecast"),
        _(
            "What was disbursed in the last year that is over, minus what the last vote of the Council forecast for it (or the "
            "latest forecast, where nothing was voted), over the projects that were not abandoned."
        ),
        selectors.money.variance_of_last_year,
        "movements",
        _disbursed_last_year,
        less=("forecasts", _forecast_for_last_year),
        model="cooperation.forecast",
        breakdowns={"year": selectors.money.variance_by_year},
    ),
    Figure(
        "open-calls",
        _("Open funding calls"),
        _("Calls that are open today: after their opening, before their last deadline, not withdrawn."),
        lambda reader: selectors.calls.open_calls(reader).count(),
        "funding-calls",
        {"open": "true"},
        model="cooperation.fundingcall",
    ),
    Figure(
        "applications-obtained",
        _("Obtained from funding calls"),
        _("What applications to funding calls have won. By year: that of the decision."),
        selectors.calls.obtained,
        "applications",
        {"stage": "won"},
        model="cooperation.application",
        breakdowns={
            "year": selectors.calls.obtained_by_year,
            "directorate": selectors.calls.obtained_by_directorate,
        },
    ),
)
