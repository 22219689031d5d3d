"""What a browser would send: the fields of a page's form as they stand, with changes."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.admin.shares import ShareInputs, pairs


def filled(client: Client, address: str, **changes) -> dict[str, object]:
    """The values of every field of the form at this address, then `changes`."""
    response = client.get(address)
    assert response.status_code == 200, response
    values: dict[str, object] = {}
    forms = [response.context["adminform"].form]
    for formset in (inline.formset for inline in response.context["inline_admin_formsets"]):
        forms += [formset.management_form, *formset.forms]
    for bound in (bound for form in forms for bound in form):
        value = bound.value()
        if value is None or value is False or getattr(bound.field.widget, "input_type", "") == "file":
            continue
        if isinstance(bound.field.widget, ShareInputs):
            values |= dict(
                zip(bound.field.widget.names(bound.html_name), zip(*pairs(value), strict=True), strict=False)
            )
            continue
        values[bound.html_name] = "on" if value is True else value
    return values | changes


def errors(response) -> str:
    """Every sentence that the forms of the answer show; fails where the answer is not a form."""
    assert response.status_code == 200, response
    found = [*response.context["adminform"].form.errors.values()]
    for formset in (inline.formset for inline in response.context["inline_admin_formsets"]):
        found += [formset.non_form_errors(), *(group for row in formset.errors for group in row.values())]
    return " ".join(str(sentence) for group in found for sentence in group)


def page(record, name: str = "change", *args) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=[record.pk, *args])


def body(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def perform(client: Client, record, verb: str, **values):
    """Sends the form of a verb as it stands, with these values."""
    form = client.get(page(record, "life", verb)).context["form"]
    return client.post(page(record, "life", verb), {"version": form["version"].value(), **values})


def done(answer) -> None:
    assert answer.status_code == 302, errors(answer) if "adminform" in answer.context else answer.context["form"].errors


def rows(prefix: str, *given: dict, already: int = 0) -> dict:
    found = {f"{prefix}-TOTAL_FORMS": str(already + len(given))}
    for place, row in enumerate(given, already):
        found |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return found


def row_errors(answer, prefix: str, place: int) -> dict:
    errors(answer)
    formsets = (inline.formset for inline in answer.context["inline_admin_formsets"])
    return next(formset for formset in formsets if formset.prefix == prefix).forms[place].errors


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)
