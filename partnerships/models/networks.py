"""Networks of cities, our place in them, and the network of ambassadors."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates, search
from core.addresses import address
from core.constraints import check, one_of_choices, ordered, plausible_dates, positive
from core.dates import PrecisionField
from core.models import OPEN, BaseModel, Lasting, tracked
from core.translated import Translated
from partnerships.enums import MembershipRole, NetworkStatus


@tracked
class Network(BaseModel):
    """A network of cities, or one that the City means to create (`planned`)."""

    slug = models.SlugField(_("short name"), unique=True)
    name_fr = models.CharField(_("name in French"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    acronym = models.CharField(_("acronym"), max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=NetworkStatus, default=NetworkStatus.ACTIVE)
    theme_fr = models.CharField(_("theme in French"), max_length=150, blank=True)
    theme_en = models.CharField(_("theme in English"), max_length=150, blank=True)
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    founded_on = models.DateField(_("founded"), null=True, blank=True)
    founded_on_precision = PrecisionField()
    seat = models.CharField(_("seat"), max_length=100, blank=True)
    members_min = models.PositiveIntegerField(_("members, at least"), null=True, blank=True)
    due_on = models.DateField(_("to be created by"), null=True, blank=True)
    due_on_precision = PrecisionField()
    organisation = models.OneToOneField(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="network",
        verbose_name=_("as an organisation"),
        help_text=_("Where the network itself signs or receives money."),
    )
    website = models.URLField(_("website"), blank=True)
    name = Translated()
    theme = Translated()
    note = Translated()
    search = search.column("name_fr", "name_en", "acronym", "theme_fr", "theme_en")

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("network"), search.alike("network", "name_fr", "name_en", "acronym")]
        constraints = [
            one_of_choices("partnerships_network", "status", NetworkStatus),
            *dates.constraints("partnerships_network", "founded_on"),
            *dates.constraints("partnerships_network", "due_on"),
            plausible_dates("partnerships_network", "founded_on", "due_on"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("partnerships:network", self.slug)


@tracked
class Membership(Lasting):
    """Our place in a network: one role, for a time."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="memberships", verbose_name=_("network"))
    role = models.CharField(_("role"), max_length=20, choices=MembershipRole)
    commission_fr = models.CharField(_("commission chaired, in French"), max_length=150, blank=True)
    commission_en = models.CharField(_("commission chaired, in English"), max_length=150, blank=True)
    commission = Translated()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["network", "-since", "role"]
        constraints = [
            *Lasting.Meta.constraints,
            one_of_choices("partnerships_membership", "role", MembershipRole),
            check(
                "partnerships_membership_commission_named",
                Q(role=MembershipRole.COMMISSION_CHAIR) & ~Q(commission_fr="")
                | ~Q(role=MembershipRole.COMMISSION_CHAIR) & Q(commission_fr="", commission_en=""),
                _("Name the commission where we chair one, and only there."),
            ),
            models.UniqueConstraint(
                fields=["network", "role", "commission_fr"],
                condition=OPEN,
                name="partnerships_membership_one_open",
                violation_error_message=_("We already hold this role in the network: end it first."),
            ),
        ]

    def __str__(self):
        return f"{self.network}, {self.get_role_display()}"


@tracked
class Dues(BaseModel):
    """The dues of a network for a year, in EUR: what is asked, what was paid and when."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="dues", verbose_name=_("network"))
    year = models.PositiveSmallIntegerField(_("year"))
    amount_due = models.DecimalField(_("amount due (EUR)"), max_digits=12, decimal_places=2)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    amount_paid = models.DecimalField(_("amount paid (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("of one year", "dues")
        verbose_name_plural = _("dues")
        ordering = ["-year", "network"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "year"],
                name="partnerships_dues_once_a_year",
                violation_error_message=_("The dues of this network for this year are already recorded."),
            ),
            check(
                "partnerships_dues_year_plausible",
                Q(year__gte=1900, year__lte=2100),
                _("The year is between 1900 and 2100."),
            ),
            plausible_dates("partnerships_dues", "due_on", "paid_on"),
            positive("partnerships_dues", "amount_due"),
            positive("partnerships_dues", "amount_paid"),
            check(
                "partnerships_dues_paid_has_amount_and_date",
                Q(amount_paid__isnull=True, paid_on__isnull=True) | Q(amount_paid__isnull=False, paid_on__isnull=False),
                _("A payment has an amount and a date."),
            ),
            check(
                "partnerships_dues_not_overpaid",
                Q(amount_paid__isnull=True) | Q(amount_paid__lte=models.F("amount_due")),
                _("No more can be paid than is due."),
            ),
        ]

    def __str__(self):
        return f"{self.network}, {self.year}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "paid_on")


@tracked
class NetworkSeat(Lasting):
    """A seat that a person holds for the City in a body of a network."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="seats", verbose_name=_("network"))
    person = models.ForeignKey("partnerships.Person", models.PROTECT, related_name="seats", verbose_name=_("person"))
    body = models.CharField(_("body"), max_length=150)
    function = models.CharField(_("function"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["network", "body"]
        constraints = [
            *Lasting.Meta.constraints,
            models.UniqueConstraint(
                fields=["network", "person", "body"],
                condition=OPEN,
                name="partnerships_networkseat_one_open",
                violation_error_message=_("This person already sits in this body."),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.body}"


@tracked
class NetworkCity(Lasting):
    """A city is a member of a network."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="member_cities", verbose_name=_("network"))
    city = models.ForeignKey("partnerships.City", models.CASCADE, related_name="networks", verbose_name=_("city"))

    class Meta:
        verbose_name = _("member city")
        verbose_name_plural = _("member cities")
        ordering = ["network", "city"]
        constraints = [
            *Lasting.Meta.constraints,
            models.UniqueConstraint(
                fields=["network", "city"],
                condition=OPEN,
                name="partnerships_networkcity_one_open",
                violation_error_message=_("This city is already a member of the network."),
            ),
        ]

    def __str__(self):
        return f"{self.network}, {self.city}"


@tracked
class Ambassador(BaseModel):
    """A member of the City's network of ambassadors, based on a diplomatic post."""

    person = models.ForeignKey(
        "partnerships.Person", models.PROTECT, related_name="ambassadorships", verbose_name=_("person")
    )
    country = models.ForeignKey(
        "partnerships.Country", models.PROTECT, related_name="ambassadors", verbose_name=_("country")
    )
    post = models.CharField(_("diplomatic post"), max_length=200)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    search = search.column("post")
    search_through = ("person", "country")

    class Meta:
        verbose_name = _("ambassador")
        verbose_name_plural = _("ambassadors")
        ordering = ["country", "person"]
        indexes = [search.index("ambassador")]
        constraints = [
            ordered("partnerships_ambassador", "since", "until"),
            plausible_dates("partnerships_ambassador", "since", "until"),
            models.UniqueConstraint(
                fields=["person", "country"],
                condition=Q(until__isnull=True),
                name="partnerships_ambassador_one_open",
                violation_error_message=_("This person is already an ambassador in this country."),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.country}"
