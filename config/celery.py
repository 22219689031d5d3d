import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("parvis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A room within an app is not found by itself, and the alarm of emergency accesses stands in one.
app.autodiscover_tasks(["solidarity.protection"])
app.steps["worker"].add(DjangoStructLogInitStep)
