"""What is found by typing in a field of a form."""

from django.contrib.admin.views.autocomplete import AutocompleteJsonView


class Autocomplete(AutocompleteJsonView):
    """Names a record as its page does by `autocomplete_label`, where names alone do not tell records apart."""

    def serialize_result(self, obj, to_field_name: str) -> dict[str, str]:
        found = super().serialize_result(obj, to_field_name)
        label = getattr(self.model_admin, "autocomplete_label", None)
        return found | {"text": label(obj)} if label else found
