"""Numbers with check digits and fixed forms."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.fr import siret


def validate_siret(value: str) -> None:
    """A SIRET: 14 digits with the check digit of INSEE (La Poste's own rule included)."""
    try:
        compact = siret.validate(value)
    except BadNumber:
        compact = ""
    if compact != value:
        raise ValidationError(
            _("A SIRET has 14 digits, without spaces, the last being a check digit: this one is wrong.")
        )


validate_rna = RegexValidator(r"^W\d{9}$", _("An RNA number is a W followed by 9 digits."))
# Numbers of the Paris Council's deliberations, as published (2015 DGRI 12; 2017 DGRI 48 - DPE; 2006, DPE 114 - SGRI 65).
DELIBERATION_NUMBER = r"^(\d{4}),? ([A-Z]{2,8}) (\d{1,4})( G)?(?: ?-? ?([A-Z]{2,8})(?: (\d{1,4}))?)?$"
