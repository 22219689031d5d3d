from django.urls import path

from solidarity.protection import views

urlpatterns = [
    path("", views.index, name="protection"),
    path("new/", views.open_file, name="protection-new"),
    path("emergency/", views.emergency, name="protection-emergency"),
    path("emergency/<int:pk>/end/", views.end_emergency, name="protection-emergency-end"),
    path("<str:code>/", views.file, name="protected-file"),
    path("<str:code>/text/<str:field>/", views.text, name="protected-text"),
    path("<str:code>/reasons/", views.reasons, name="protected-reasons"),
    path("<str:code>/dates/", views.dates, name="protected-dates"),
    path("<str:code>/access/", views.give_access, name="protected-access"),
    path("<str:code>/access/<int:pk>/end/", views.end_access, name="protected-access-end"),
    path("<str:code>/hold/", views.hold, name="protected-hold"),
    path("<str:code>/publication/", views.publication, name="protected-publication"),
    path("<str:code>/erase/", views.erase, name="protected-erase"),
]
