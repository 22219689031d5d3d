"""What every test stands on; the servers are started earlier, by tests/plugin.py."""

import gc
import sys
from pathlib import Path
from types import FrameType

import pytest
from django.template import engines
from django.utils import translation

PROJECT = Path(__file__).resolve().parent.parent
# Minutes each: they begin first, so that no worker is left alone with one at the end.
LONGEST = ("tests/solidarity/test_canary", "tests/test_demo", "tests/api/test_openapi")

# Most of what a test makes is gone with it: the collector need not look through everything else every few hundred objects.
gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


class Undefined(str):
    """What a template gets for a variable that is not there: in Parvis's own templates the test fails."""

    __slots__ = ()

    def __bool__(self) -> bool:
        # Django asks this question to choose between this object and its usual silence; templates that are
        # not ours (the admin's) get the silence.
        asker = sys._getframe(1)
        if asker.f_code.co_name == "resolve" and "ignore_failures" in asker.f_locals:
            template = _template(asker)
            if template and template.is_relative_to(PROJECT) and ".venv" not in template.parts:
                pytest.fail(f"{template.relative_to(PROJECT)} uses {asker.f_locals['self'].var}, which is not defined")
        return False


def _template(frame: FrameType | None) -> Path | None:
    """The file of the node that is being rendered."""
    while frame is not None:
        if frame.f_code.co_name == "render_annotated":
            return Path(frame.f_locals["self"].origin.name)
        frame = frame.f_back
    return None


@pytest.fixture(autouse=True, scope="session")
def _no_undefined_variables(django_test_environment: None) -> None:
    engines["django"].engine.string_if_invalid = Undefined()


@pytest.fixture(autouse=True)
def _in_french() -> None:
    """A request leaves its reader's language behind: each test starts in the default one."""
    translation.activate("fr")


# --- browser ---
