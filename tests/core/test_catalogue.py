"""The catalogue finds every text, and says which has no French."""

import pytest
from django.core.management import CommandError, call_command

from core import catalogue

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext
title = _("A %(kind)s title")
count = ngettext("%(n)s city", "%(n)s cities", 2)
month = pgettext("calendar", "May")
file = f"{_('cities of %(n)s') % {'n': 3}}.csv"
"""
TEMPLATE = """{% load i18n %}
{% translate "It's (really) here" %} {{ value|default:_("Nothing yet") }}
{% blocktranslate count n=n %}one {{ n }}{% plural %}many {{ n }}{% endblocktranslate %}
{% translate "May" context "permission" %}
"""


@pytest.fixture
def project(tmp_path, settings):
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path / "locale"]
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "app" / "code.py").write_text(CODE)
    (tmp_path / "app" / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "tests" / "test_code.py").write_text('_("never seen")')
    return tmp_path


def translate(**texts):
    read = catalogue.read()
    for message in read:
        if message.id and (french := texts.get(message.id if isinstance(message.id, str) else message.id[0])):
            message.string = french
    catalogue.write(read)


def test_texts_are_found_in_code_and_templates(project):
    assert {(text.id, text.context) for text in catalogue.texts()} == {
        ("A %(kind)s title", None),
        (("%(n)s city", "%(n)s cities"), None),
        ("May", "calendar"),
        ("cities of %(n)s", None),
        ("It's (really) here", None),
        ("Nothing yet", None),
        (("one %(n)s", "many %(n)s"), None),
        ("May", "permission"),
    }


def test_a_text_without_french_fails_the_check_with_its_place(project, capsys):
    with pytest.raises(CommandError, match="8 texts have no French"):
        call_command("translations", "--check")
    assert "app/code.py:3: not translated: A %(kind)s title" in capsys.readouterr().out


def test_collecting_keeps_what_is_translated_and_drops_what_nothing_says(project):
    call_command("translations")
    translate(**{"Nothing yet": "Rien pour l’instant"})
    (project / "app" / "code.py").write_text("")
    call_command("translations")
    read = catalogue.read()
    assert read.get("Nothing yet").string == "Rien pour l’instant"
    assert read.get("A %(kind)s title") is None


def test_other_placeholders_fail_the_check(project):
    call_command("translations")
    translate(**{"A %(kind)s title": "Un titre %(sorte)s"})
    assert any("A %(kind)s title" in line and "not translated" not in line for line in catalogue.unfinished())


def test_a_plural_needs_all_its_forms(project):
    call_command("translations")
    translate(**{"%(n)s city": ("%(n)s ville", "")})
    assert any("not translated: %(n)s city" in line for line in catalogue.unfinished())
