"""The page of the map."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from core.pages import narrowed, show
from mandate.atlas import atlas, writing
from mandate.atlas.basemap import CREDIT
from mandate.atlas.filters import AtlasFilter
from mandate.selectors import places
from partnerships import dossiers, selectors


# The page is written for two sizes of screen; packed it stays small. Django pads it against guesses at its length (BREACH).
@gzip_page
@require_safe
def world(request):
    reader = request.user
    found, problems, chosen = narrowed(request, AtlasFilter, places.tied_cities(reader))
    shown = atlas.atlas(reader, found)
    page = Paginator(shown.rows, atlas.DRAWN).get_page(request.GET.get("page"))
    shown = replace(shown, first=(page.number - 1) * atlas.DRAWN)
    context = {
        "atlas": shown,
        "page": page,
        "wide": [(drawing, writing.symbols(drawing)) for drawing in shown.wide],
        "narrow": [(drawing, writing.symbols(drawing)) for drawing in shown.narrow],
        "table_rows": writing.table_rows(shown.drawn),
        "partners": found.order_by().filter(selectors.is_partner()).count(),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "families": [(family.value, family.label) for family in places.TIES],
        "areas": [(area.slug, area.name) for area in dossiers.areas(reader)],
        "themes": [(theme.slug, theme.name) for theme in places.fields_somewhere(reader)],
        "credit": CREDIT,
    }
    return show(request, "mandate/atlas/map", context)
