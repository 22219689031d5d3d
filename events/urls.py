from django.urls import path

from events import calendars, views

app_name = "events"
urlpatterns = [
    path("agenda/", views.agenda, name="agenda"),
    path("agenda/subscriptions/", calendars.subscriptions, name="subscriptions"),
    path("agenda/subscriptions/<int:pk>/revoke/", calendars.revoke, name="revoke"),
    path("agenda/calendars/<str:token>.ics", calendars.feed, name="feed"),
    path("missions/", views.missions, name="missions"),
    path("missions/<str:reference>/", views.mission, name="mission"),
    path("delegations/", views.delegations, name="delegations"),
    path("delegations/<str:reference>/", views.delegation, name="delegation"),
    path("events/", views.events, name="events"),
    path("events/<str:reference>/", views.event, name="event"),
    path("meetings/<int:pk>/", views.meeting, name="meeting"),
    path("promises/", views.promises, name="promises"),
    path("promises/<str:reference>/", views.promise, name="promise"),
    path("briefings/cities/<slug:slug>/", views.city_briefing, name="city-briefing"),
    path("briefings/missions/<str:reference>/", views.mission_briefing, name="mission-briefing"),
]
