"""What a browser would send: the fields of a page's form as they stand, with changes."""

from django.test import Client

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
