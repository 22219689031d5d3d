"""The project tests its own consistency."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from core.database import sentences
from core.models import BaseModel
from core.roles import Role, declared
from tests import factories

PROJECT = settings.BASE_DIR


def records():
    return [model for model in apps.get_models() if issubclass(model, BaseModel) and not model._meta.proxy]


@pytest.mark.parametrize("model", records(), ids=lambda model: model._meta.label)
def test_every_record_has_a_factory(model):
    made = {factory._meta.model for factory in vars(factories).values() if hasattr(factory, "_meta")}
    assert model in made


def test_every_rule_of_the_database_has_a_sentence_of_its_own():
    silent = [
        rule.name
        for model in records()
        for rule in model._meta.constraints
        if not rule.violation_error_message or rule.violation_error_message == rule.default_violation_error_message
    ]
    assert silent == []


def test_the_names_of_rules_are_kept_whole_by_postgresql():
    assert [name for name in sentences() if len(name) > 63] == []


def test_rules_are_named_by_their_app_and_model():
    misnamed = [
        rule.name
        for model in records()
        for rule in model._meta.constraints
        if not rule.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    assert misnamed == []


def test_every_role_says_something_of_every_app():
    apps_with_records = {model._meta.app_label for model in records()}
    for role in (Role.ADMINISTRATOR, Role.OFFICER, Role.DEPUTY, Role.AUDITOR):
        assert {app for app, _, _ in declared()[role]} == apps_with_records


def test_declared_permissions_name_models_that_exist():
    labels = {(model._meta.app_label, model._meta.model_name) for model in records()}
    assert {(app, model) for triples in declared().values() for app, model, _ in triples} <= labels


def test_files_stay_short():
    ours = [
        path
        for app in ("config", "core", "partnerships", "cooperation", "solidarity", "events", "mandate", "tests")
        for path in (PROJECT / app).rglob("*.py")
    ]
    long = {
        str(path.relative_to(PROJECT)): lines
        for path in ours
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 500
    }
    assert long == {}


def test_no_file_names_the_folder_it_was_written_in():
    here = str(PROJECT)
    text = [path for path in Path(PROJECT).rglob("*.md") if ".venv" not in path.parts]
    assert [path for path in text if here in path.read_text()] == []
