"""The pages that deputies read: cities, agreements, networks."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from core import clock
from core.figures import figure
from core.history import changes
from core.pages import narrowed, narrowing, show
from core.panels import panels_for, panels_on
from partnerships import cards, charts, dossiers, presentation, selectors
from partnerships.enums import AgreementKind, AgreementStatus, MembershipRole, NetworkStatus, RelationKind
from partnerships.filters import AgreementFilter, CityFilter, NetworkFilter

ROWS = 25


@require_GET
def cities(request):
    found, problems, chosen = narrowed(request, CityFilter, selectors.cities(request.user))
    ours = found.exclude(dossiers.is_only_a_model())
    page = Paginator(ours, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "partners": ours.filter(selectors.is_partner()).count(),
        "models": list(found.filter(dossiers.is_only_a_model())),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(CityFilter, request.GET, shown=("q", "area", "relation", "country")),
        "areas": [(area.slug, area.name) for area in dossiers.areas(request.user)],
        "countries": [(country.code, country.name) for country in selectors.city_countries(request.user)],
        "relations": RelationKind.choices,
        "ambassador_countries": selectors.agreement_countries(request.user),
    }
    return show(request, "partnerships/cities", context)


@require_GET
def city(request, slug: str):
    dossier = dossiers.city_dossier(request.user, slug)
    if dossier is None:
        raise Http404
    relations = sorted(dossier.relations, key=presentation.family_order)
    panels = panels_for(dossier.city, request.user)
    context = {
        "dossier": dossier,
        "city": dossier.city,
        "relations": relations,
        "urgent": [panel for panel in panels if panel.order < 0],
        "panels": [panel for panel in panels if panel.order >= 0],
    }
    return render(request, "partnerships/city.html", context)


# So many live agreements stand in the table beside the drawing, the soonest to end; the list has them all.
TABLED = 50


@require_GET
def agreements(request):
    reader = request.user
    found, problems, chosen = narrowed(
        request, AgreementFilter, selectors.latest_signed_first(selectors.agreements(reader))
    )
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    live = list(selectors.live_agreements_in_short(reader))
    expiring = selectors.expiring(reader).count()
    dated = [agreement for agreement in live if not agreement.tacit_renewal]
    ending = sorted((a for a in dated if a.expires_on), key=lambda a: (a.expires_on, a.reference))
    context = {
        "page": page,
        "headline": presentation.headline(live),
        "expiring": expiring,
        "figures": [cards.gender_clause(selectors.gender_clause_share(reader))],
        "timeline": charts.expiry_timeline(dated),
        "dated": ending,
        "dated_shown": ending[:TABLED],
        "tabled": TABLED,
        "live_query": urlencode(figure("live-agreements").query, doseq=True),
        "without_effect": presentation.by_what_is_missing(selectors.signed_without_effect(reader)),
        "undated": sum(1 for agreement in live if agreement.expires_on is None and not agreement.open_ended),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(AgreementFilter, request.GET, shown=("q", "kind", "status", "city")),
        "kinds": AgreementKind.choices,
        "statuses": AgreementStatus.choices,
        "cities": [(row.slug, row.name) for row in selectors.agreement_cities(reader)],
        "panels": panels_on("partnerships:agreements", reader),
    }
    return show(request, "partnerships/agreements", context)


@require_GET
def agreement(request, reference: str):
    found = dossiers.agreement_dossier(request.user, reference)
    if found is None:
        raise Http404
    context = {
        "agreement": found,
        "steps": presentation.life_steps(found),
        "changes": changes(found, request.user, limit=5),
        "panels": panels_for(found, request.user),
    }
    return render(request, "partnerships/agreement.html", context)


@require_GET
def networks(request):
    reader = request.user
    found, problems, chosen = narrowed(request, NetworkFilter, selectors.networks(reader))
    context = {
        "active": [network for network in found if network.status == NetworkStatus.ACTIVE],
        "planned": [network for network in found if network.status == NetworkStatus.PLANNED],
        "member_of": selectors.joined_networks(reader).count(),
        "chaired": selectors.chaired_networks(reader).count(),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(NetworkFilter, request.GET, shown=("q", "role")),
        "roles": MembershipRole.choices,
        "year": clock.today().year,
    }
    return show(request, "partnerships/networks", context)


@require_GET
def network(request, slug: str):
    found = dossiers.network_dossier(request.user, slug)
    if found is None:
        raise Http404
    context = {"network": found, "panels": panels_for(found, request.user)}
    return render(request, "partnerships/network.html", context)
