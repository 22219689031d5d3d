"""The links by which a list is saved as a file."""

from django import template
from django.urls import reverse

from core.access import may
from core.exports.listing import resources
from core.exports.views import FOR_PEOPLE

register = template.Library()


@register.simple_tag(takes_context=True)
def export_links(context, resource: str) -> list[tuple[str, str]]:
    """Each format that people open, with the address of this list in it, narrowed as it is; none for who may not read it."""
    request = context["request"]
    if not may(request.user, "view", resources()[resource].model):
        return []
    query = request.GET.copy()
    query.pop("page", None)
    links = []
    for file_format in FOR_PEOPLE:
        query["as"] = file_format.value
        links.append((str(file_format.label), f"{reverse('export', args=[resource])}?{query.urlencode()}"))
    return links
