"""How often a caller may ask: a client as its administrator says, a person as the setting does, a stranger a tenth of that."""

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

from core.access import ApiClient
from core.throttling import Limit, address_of, count, name_of, spent

POLICY = "default"


class PerCaller(BaseThrottle):
    """API_REQUESTS_PER_MINUTE for each client (or its own number), for each person, and a tenth for each address of
    strangers, whose tokens are not good. A request counts once; core.middleware.QuotaMiddleware says what is left."""

    def allow_request(self, request, view):
        counted = request._request
        if not hasattr(counted, "quotas"):
            counted.quotas = count([_limit(request)])
        if spent(counted.quotas):
            quota = counted.quotas[0]
            sentence = _("At most %(most)s requests a minute: the next one is answered in %(seconds)s s.")
            raise Throttled(detail=sentence % {"most": quota.most, "seconds": quota.resets})
        return True


class CountedFirst:
    """For views that refuse: what is refused counts too, so that nobody tries without end."""

    def perform_authentication(self, request):
        try:
            super().perform_authentication(request)  # type: ignore[misc]  # REST framework's, which this is mixed into
        finally:
            self.check_throttles(request)  # type: ignore[attr-defined]


def limit_of(admission) -> Limit:
    """That of another system, as its administrator says."""
    most = admission.requests_per_minute or settings.API_REQUESTS_PER_MINUTE
    return Limit(POLICY, f"client:{admission.client}", most)


def _limit(request) -> Limit:
    most = settings.API_REQUESTS_PER_MINUTE
    # Where the sign-in failed, REST framework has set nobody by now: this tries it no second time.
    user = request.user
    if isinstance(user, ApiClient):
        return limit_of(request.auth)
    if user and user.is_authenticated:
        return Limit(POLICY, f"user:{user.pk}", most)
    return Limit(POLICY, f"stranger:{name_of(address_of(request))}", max(most // 10, 1))
