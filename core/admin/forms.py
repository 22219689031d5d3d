"""Forms of records: they refuse what the record refuses, in the same words, and never overwrite another's edit."""

from collections.abc import Iterable

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.models import InlineForeignKeyField
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationGenericInlineFormSet, PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin.lost import lost_edit
from core.dates import complete
from core.exceptions import Refused
from core.models import User
from core.workflow import check_version

REASON_LENGTH = 500


def as_validation_error(error: Refused | ValidationError) -> ValidationError:
    """Every reason of a refusal, as a form shows it."""
    if isinstance(error, ValidationError):
        return error
    return ValidationError([str(reason) for reason in error.reasons])


class RowForm(forms.ModelForm):
    """A form whose record is checked whole, and only if nobody has changed it since it was opened."""

    opened_version = forms.IntegerField(required=False, label="", widget=forms.HiddenInput)
    # What the database or another row refused when this form was saved; set before the form is shown again.
    refusal: ValidationError | None = None
    # Who fills it in; set by the page.
    reader: User | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["opened_version"] = self.instance.version

    def has_changed(self) -> bool:
        return any(name != "opened_version" for name in self.changed_data)

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        complete(self._meta.model, cleaned, self.fields)
        if self.instance.pk:
            try:
                check_version(self.instance, self.read_version(cleaned))
            except Refused as lost:
                raise lost_edit(self.instance, lost, self.reader) from lost
        return cleaned

    def read_version(self, cleaned) -> int:
        """The version that the form was opened with; 0, which no record has, where the form does not say."""
        return cleaned.get("opened_version") or 0

    def _get_validation_exclusions(self) -> set[str]:
        # Fields that the form does not show are checked too: rules compare them with those that it shows.
        failed = {name for name in self.errors if name in self.fields}
        if failed:
            # Django asks a rule against overlaps whose condition names a failed field, and breaks on it, unless one of
            # the rule's columns is left out as well.
            rules = [rule for rule in self.instance._meta.constraints if isinstance(rule, ExclusionConstraint)]
            columns = [rule.expressions[0][0] for rule in rules]
            failed |= {str(getattr(column, "name", column)) for column in columns}
        return failed | {
            field.name
            for field in self.instance._meta.concrete_fields
            # The record that a new row belongs to has no key yet.
            if field.many_to_one
            and (not field.null or field.name in self._of_record)
            and getattr(self.instance, field.attname) is None
        }

    @property
    def _of_record(self) -> set[str]:
        """The hidden field by which a row belongs to the record of its page."""
        return {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # private to Django, so not in its stubs
        if self.refusal:
            self._update_errors(self.refusal)

    def _update_errors(self, errors: ValidationError) -> None:
        """An error about a field that the form does not show is shown above it, not lost."""
        if hasattr(errors, "error_dict"):
            shown: dict[str, list] = {}
            for name, found in errors.error_dict.items():
                seen = name in self.fields and name not in self._of_record
                shown.setdefault(name if seen else NON_FIELD_ERRORS, []).extend(found)
            errors = ValidationError(shown)
        super()._update_errors(errors)  # type: ignore[misc]  # private to Django, so not in its stubs


class RecordForm(RowForm):
    """A record's own page; it may say why the change is made, which the history keeps."""

    change_reason = forms.CharField(
        label=_("Why this change?"),
        required=False,
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Optional; kept in the history."),
    )

    def has_changed(self) -> bool:
        return any(name not in ("opened_version", "change_reason") for name in self.changed_data)


class RowsInOrder:
    forms: "list[RowForm]"

    def full_clean(self) -> None:
        """A row that may not be taken away says why above the rows: Django asks nothing of one that is to be deleted."""
        super().full_clean()  # type: ignore[misc]  # Django's, which this class is mixed into
        for form in self.forms:
            if form.refusal and self._should_delete_form(form):  # type: ignore[attr-defined]  # private to Django
                self._non_form_errors.extend(form.refusal.messages)  # type: ignore[attr-defined]  # private to Django

    def saving_order(self) -> "Iterable[RowForm]":
        """The rows as they are written one after the other: as they stand, unless one rests on another."""
        return self.forms


class RowFormSet(RowsInOrder, PaginationInlineFormSet):
    """Rows that belong to a record."""


class AttachedFormSet(RowsInOrder, PaginationGenericInlineFormSet):
    """Documents and citations: they know their record before they are checked."""

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        form.instance.content_type = ContentType.objects.get_for_model(self.instance)
        form.instance.object_id = self.instance.pk
        return form


def visible_choices(field: models.ForeignKey, reader):
    """What a foreign key may point to: the records that the reader may see."""
    manager = field.remote_field.model._default_manager
    return manager.visible_to(reader) if hasattr(manager, "visible_to") else manager.all()
