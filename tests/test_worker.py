"""A worker knows every task there is: what it does not know, it discards."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from celery import Task
from django.conf import settings

PROJECT = Path(settings.BASE_DIR)
# As a worker begins, in a process where no test has imported anything.
ASKS = (
    "import json; from config.celery import app; app.loader.import_default_modules(); "
    "print(json.dumps([name for name in app.tasks if not name.startswith('celery.')]))"
)


def test_a_worker_knows_every_task_that_is_written_or_scheduled():
    answered = subprocess.run([sys.executable, "-c", ASKS], cwd=PROJECT, capture_output=True, text=True, check=True)
    known = set(json.loads(answered.stdout.splitlines()[-1]))
    rooms = {".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in PROJECT.glob("[a-z]*/**/tasks.py")}
    assert "solidarity.protection.tasks" in rooms
    written = {task.name for room in rooms for task in vars(import_module(room)).values() if isinstance(task, Task)}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert written
    assert written | scheduled <= known
