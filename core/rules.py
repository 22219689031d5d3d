from core.roles import ALL, EDIT, READ, Permissions, Role

_REGISTER = {"document": ALL, "citation": ALL, "source": EDIT, "reminderrule": EDIT}
_READ_ONLY = {"document": READ, "citation": READ, "source": READ, "reminderrule": READ}

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: {
        "user": ALL,
        "clientaccess": ALL,
        "document": ALL,
        "citation": ALL,
        "source": ALL,
        "reminderrule": ALL,
        "webhooksubscription": ALL,
    },
    Role.OFFICER: _REGISTER,
    Role.SOLIDARITY_OFFICER: _REGISTER,
    Role.PROTECTION_OFFICER: _REGISTER,
    Role.DEPUTY: _READ_ONLY,
    Role.AUDITOR: _READ_ONLY,
}
