"""The portfolio: projects, where and in which fields, how far they are, who works on them."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from cooperation.enums import DIRECTORATE_ROLES, LIVE, ProjectStage
from cooperation.models import (
    Edition,
    ExchangeProgramme,
    GoodPractice,
    Label,
    PracticeUptake,
    Project,
    ProjectCity,
    ProjectOrganisation,
    ProjectStep,
    ProjectTheme,
    Theme,
)
from core import clock, written
from core.figures import Share
from core.translated import order
from partnerships.models import City, Country, Organisation


def projects(reader) -> QuerySet[Project]:
    """Every project, with its cities, bodies and fields, in a fixed number of queries."""
    return (
        Project.objects.visible_to(reader)
        .select_related("agreement", "deliberation", "parent")
        .prefetch_related(
            written.later("places", lambda: ProjectCity.objects.visible_to(reader).select_related("city__country")),
            written.later(
                "bodies", lambda: ProjectOrganisation.objects.visible_to(reader).select_related("organisation")
            ),
            written.later("fields", lambda: ProjectTheme.objects.visible_to(reader).select_related("theme")),
        )
        .order_by("-reference")
    )


def live(reader) -> QuerySet[Project]:
    """Projects that somebody works on or will: from the idea to under way."""
    return projects(reader).filter(stage__in=LIVE)


def under_way(reader) -> QuerySet[Project]:
    """Projects under way. The parts of a larger one are not counted beside it."""
    return projects(reader).filter(stage=ProjectStage.UNDER_WAY, parent=None)


def in_preparation(reader) -> QuerySet[Project]:
    return projects(reader).filter(stage__in=[ProjectStage.IDEA, ProjectStage.IN_PREPARATION], parent=None)


def stopped(reader) -> QuerySet[Project]:
    """Projects that stand still."""
    return projects(reader).filter(stage=ProjectStage.SUSPENDED)


def cities_under_way(reader) -> QuerySet[City]:
    """The cities in which a project is under way, each once."""
    places = ProjectCity.objects.visible_to(reader).filter(project__stage=ProjectStage.UNDER_WAY)
    return City.objects.visible_to(reader).filter(pk__in=places.values("city")).order_by(order("name"))


def project_cities(reader) -> QuerySet[City]:
    """The cities that any project names."""
    places = ProjectCity.objects.visible_to(reader)
    return City.objects.visible_to(reader).filter(pk__in=places.values("city")).order_by(order("name"))


def project_countries(reader) -> QuerySet[Country]:
    """The countries of the cities that any project names."""
    places = ProjectCity.objects.visible_to(reader)
    return Country.objects.visible_to(reader).filter(pk__in=places.values("city__country")).order_by(order("name"))


def project_themes(reader) -> QuerySet[Theme]:
    """The fields of cooperation, with how many live projects each has (`live_projects`); parts are not counted apart."""
    counted = Count(
        "project_fields",
        filter=Q(project_fields__project__stage__in=LIVE, project_fields__project__parent=None),
        distinct=True,
    )
    return Theme.objects.visible_to(reader).annotate(live_projects=counted).order_by(order("name"))


def live_without_field(reader) -> QuerySet[Project]:
    """Live projects of which nobody stated the field; parts are not counted apart."""
    return live(reader).filter(fields=None, parent=None)


def lead_directorates(reader) -> QuerySet[Organisation]:
    """The directorates that work on a project."""
    roles = ProjectOrganisation.objects.visible_to(reader).filter(role__in=DIRECTORATE_ROLES)
    return Organisation.objects.visible_to(reader).filter(pk__in=roles.values("organisation")).order_by(order("name"))


def by_stage(reader) -> dict[str, int]:
    """How many projects stand at each stage; parts are not counted apart."""
    return dict(written.rows(_by_stage, reader))


def _by_stage(reader) -> QuerySet[Project, Any]:
    counted = Project.objects.visible_to(reader).filter(parent=None).order_by().values_list("stage")
    return counted.annotate(Count("pk"))


def is_transversal() -> Q:
    """Several directorates of the City work on the project."""
    directorates = ProjectOrganisation.objects.filter(project=OuterRef("pk"), role__in=DIRECTORATE_ROLES)
    several = directorates.order_by().values("project").annotate(number=Count("pk")).filter(number__gte=2)
    return Q(Exists(several))


def transversality(reader) -> Share:
    """Of the live projects, those on which several directorates of the City work."""
    (share,) = shares(reader, is_transversal())
    return share


def shares(reader, *parts: Q) -> list[Share]:
    """Of the live projects, those that each of the conditions holds for, all counted in one statement."""
    counts = {f"part_{number}": Count("pk", filter=part) for number, part in enumerate(parts)}
    found = Project.objects.visible_to(reader).filter(stage__in=LIVE).order_by()
    counted = found.aggregate(whole=Count("pk"), **counts)
    return [Share(counted[name], counted["whole"]) for name in counts]


def is_in_priority_field() -> Q:
    """The project works in a field that the City made a priority of the end of term."""
    return Q(Exists(ProjectTheme.objects.filter(project=OuterRef("pk"), theme__is_priority=True)))


def priority_share(reader) -> Share:
    """Of the live projects, those in a priority field of the end of term."""
    (share,) = shares(reader, is_in_priority_field())
    return share


def without_sector(reader) -> QuerySet[Project]:
    """Live projects of which nobody stated the sector: neither a field nor a purpose code."""
    return live(reader).filter(fields=None, purposes={})


def open_steps(reader) -> QuerySet[ProjectStep]:
    """Steps of live projects that are not done, soonest first."""
    return (
        ProjectStep.objects.visible_to(reader)
        .filter(done_on=None, project__stage__in=LIVE)
        .select_related("project")
        .order_by("due_on", "pk")
    )


def late_steps(reader) -> QuerySet[ProjectStep]:
    """Open steps whose day has passed."""
    return open_steps(reader).filter(due_on__lt=clock.today())


# --- exchanges and practices ---


def programmes(reader) -> QuerySet[ExchangeProgramme]:
    """Exchange programmes with their editions, the latest first."""
    editions = Edition.objects.visible_to(reader).select_related("city").order_by("-year", "pk")
    return (
        ExchangeProgramme.objects.visible_to(reader)
        .select_related("organiser")
        .prefetch_related(Prefetch("editions", editions))
        .order_by(order("name"))
    )


def labels(reader) -> QuerySet[Label]:
    """Applications for labels, the latest first."""
    return Label.objects.visible_to(reader).select_related("programme", "applicant").order_by("-received_on", "pk")


def valid_labels(reader) -> QuerySet[Label]:
    """Labels awarded and valid today."""
    return labels(reader).filter(stage="awarded", valid_until__gte=clock.today())


def practices(reader) -> QuerySet[GoodPractice]:
    """Good practices, with where each was taken up."""
    uptakes = PracticeUptake.objects.visible_to(reader).select_related("city", "organisation")
    return (
        GoodPractice.objects.visible_to(reader)
        .select_related("city__country", "theme")
        .prefetch_related(Prefetch("uptakes", uptakes))
        .order_by("kind", order("title"), "pk")
    )
