"""The list of dormant partnerships, and the page on which one of them is decided."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.access import may
from core.exceptions import Refused
from mandate.dormancy import presentation
from mandate.dormancy.forms import Asked, Decide
from partnerships import selectors
from partnerships.models import City, RenewalDecision
from partnerships.services import decide_renewal


@require_safe
def dormant(request):
    asked = Asked(request.GET)
    months = asked.cleaned_data["months"] if asked.is_valid() else None
    context = presentation.section(request.user, back=request.get_full_path(), months=months)
    context |= {
        "headline": presentation.headline(len(context["waiting"])),
        "chosen": asked.chosen,
        "problems": asked.problems,
    }
    return render(request, "mandate/dormancy/dormant.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def partnership(request, slug: str):
    """What is known of a partnership, and what becomes of it: a decision that is refused is shown again with every reason."""
    reader = request.user
    city: City = get_object_or_404(selectors.cities(reader), slug=slug)
    given = request.POST if request.method == "POST" else None
    if given is not None and not may(reader, "add", RenewalDecision):
        raise PermissionDenied
    form = Decide(city.slug, given, back=reverse("mandate:dormant"))
    if given is not None and form.is_valid() and _decided(request, city, form):
        back = form.cleaned_data["back"]
        safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return redirect(f"{back if safe else reverse('mandate:dormant')}#dormant")
    context = presentation.of_city(reader, city) | {"form": form}
    return render(request, "mandate/dormancy/partnership.html", context, status=422 if form.errors else 200)


def _decided(request, city: City, form: Decide) -> bool:
    values = form.cleaned_data
    try:
        decision = decide_renewal(
            city, actor=request.user, verdict=values["verdict"], until=values["until"], reason=values["reason"]
        )
    except (Refused, ValidationError) as refusal:
        form.refuse(refusal)
        return False
    said = {"city": city, "decision": decision.get_verdict_display()}
    messages.success(request, _("The decision on the partnership with %(city)s is recorded: %(decision)s.") % said)
    return True
