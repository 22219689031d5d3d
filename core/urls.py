from django.urls import path

from core import views
from core.exports import views as exports
from core.reminders import views as reminders
from core.reminders.metrics import metrics

urlpatterns = [
    path("language/", views.language, name="language"),
    path("search/", views.search, name="search"),
    path("preferences/", reminders.preferences, name="preferences"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("documents/<uuid:uuid>/", views.document, name="document"),
    path("health/", views.health, name="health"),
    path("health/reminders/", reminders.alive, name="reminders-alive"),
    path("health/metrics/", metrics, name="metrics"),
    path("deadlines/", reminders.my_deadlines, name="my-deadlines"),
    path("notifications/", reminders.notifications, name="notifications"),
    path("notifications/<int:pk>/read/", reminders.mark_read, name="mark-read"),
    path("reminders/", reminders.reminders_health, name="reminders-health"),
    path("reminders/<int:pk>/try-again/", reminders.try_again, name="try-again"),
    path("reminders/rules/<int:pk>/mute/", reminders.hear, {"muted": True}, name="mute"),
    path("reminders/rules/<int:pk>/unmute/", reminders.hear, {"muted": False}, name="unmute"),
    path("reminders/mute/<str:token>/", reminders.mute, name="mute-rule"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:pk>/file/", exports.file, name="export-file"),
    path("exports/<int:pk>/withdraw/", exports.withdraw, name="export-withdraw"),
    path("exports/<slug:resource>/", exports.export, name="export"),
    path("mailbox/", reminders.demo_mailbox, name="mailbox"),
]
