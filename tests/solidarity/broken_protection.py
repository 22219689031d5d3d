"""The writes that break the rules of honours, residencies and protected files; test_constraints.py asks what refuses each."""

from datetime import date

from django.db import connection
from django.utils import timezone

from core.sealing import seal
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, LONG_AGO, Case, copied, written

APP = "solidarity_"
CLEAR = "a text that nobody sealed"
# Like a sealed text to whoever looks at its beginning only.
HALF_SEALED = "gAAAA and then a name in clear"
FILE, ACCESS, PUBLICATION = make.ProtectedFileFactory, make.FileAccessFactory, make.PublicationFactory
TEXTS = ("pseudonym", "identity", "whereabouts", "situation", "host", "support", "follow_up", "notes", "hold_reason")


def update(rule: str, factory, change: dict, **made) -> Case:
    return APP + rule, lambda: written(factory(**made), **change)


def insert(rule: str, factory, change: dict | None = None, **made) -> Case:
    return APP + rule, lambda: copied(factory(**made), **change or {})


def sql(rule: str, factory, statement: str, **made) -> Case:
    """The statement with the row's key."""

    def write():
        with connection.cursor() as cursor:
            cursor.execute(statement, [factory(**made).pk])

    return APP + rule, write


def stage_unknown() -> None:
    """The life's trigger stands before the constraint, so that only a disabled one lets it be seen."""
    honour = make.HonourFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE solidarity_honour SET stage = 'else' WHERE id = %s", [honour.pk])


def granted_to_herself() -> None:
    access = make.FileAccessFactory()
    written(access, granted_by=access.user)


def inserted_for_herself() -> None:
    access = make.FileAccessFactory()
    copied(access, granted_by_id=access.user_id)


def cleared_by_who_asked() -> None:
    publication = make.PublicationFactory()
    now = timezone.localtime()
    written(publication, cleared_by=publication.asked_by, cleared_at=now, public_kind="honour", public_key=1)


HELD = {"hold_until": date(2199, 1, 1)}
PROTECTED = [
    update("protectedfile_code_form", FILE, {"code": "7K2Q9FHM"}),
    update("protectedfile_code_form", FILE, {"code": "7k2q-9fhm"}),
    update("protectedfile_code_form", FILE, {"code": "OIL0-ULIO"}),
    update("protectedfile_kind_known", FILE, {"kind": "else"}),
    update("protectedfile_level_known", FILE, {"level": "public"}),
    *(update(f"protectedfile_{name}_sealed", FILE, {name: CLEAR}) for name in TEXTS if name != "hold_reason"),
    *(update(f"protectedfile_{name}_sealed", FILE, {name: HALF_SEALED}) for name in ("pseudonym", "identity")),
    insert("protectedfile_identity_sealed", FILE, {"code": "7K2Q-9FHM", "identity": CLEAR}),
    sql("protectedfile_notes_sealed", FILE, "UPDATE solidarity_protectedfile SET notes = 'clear' WHERE id = %s"),
    update("protectedfile_hold_reason_sealed", FILE, HELD | {"hold_reason": CLEAR}),
    update("protectedfile_has_pseudonym", FILE, {"pseudonym": ""}),
    *(
        update("protectedfile_dates_plausible", FILE, {name: day})
        for name, day in (("begins_on", LONG_AGO), ("ends_on", FAR_OFF), ("erase_on", FAR_OFF))
    ),
    update("protectedfile_begins_on_by_ends_on", FILE, {"begins_on": date(2015, 3, 2), "ends_on": date(2015, 3, 1)}),
    update("protectedfile_hold_says_why", FILE, HELD),
    (APP + "protectedfile_hold_says_why", lambda: written(make.ProtectedFileFactory(), hold_reason=seal("invented"))),
    (
        APP + "protectedfile_held",
        lambda: (
            type(make.ProtectedFileFactory(**HELD, hold_reason=seal("invented"))).objects.all()._raw_delete("default")
        ),
    ),
    update("fileaccess_origin_known", ACCESS, {"origin": "else", "granted_by": None}),
    update("fileaccess_reason_sealed", ACCESS, {"reason": CLEAR}),
    update("fileaccess_has_reason", ACCESS, {"reason": ""}),
    (APP + "fileaccess_granted_by_another", granted_to_herself),
    (APP + "fileaccess_granted_by_another", inserted_for_herself),
    sql(
        "fileaccess_granted_by_another",
        ACCESS,
        "UPDATE solidarity_fileaccess SET granted_by_id = user_id WHERE id = %s",
    ),
    update("fileaccess_granted_by_another", ACCESS, {"granted_by": None}),
    update("fileaccess_granted_by_another", ACCESS, {"origin": "opened"}),
    update("fileread_never_changed", make.FileReadFactory, {"field": "notes"}),
    sql("fileread_never_changed", make.FileReadFactory, "UPDATE solidarity_fileread SET at = now() WHERE id = %s"),
    sql("fileread_never_changed", make.FileReadFactory, "DELETE FROM solidarity_fileread WHERE id = %s"),
    update("publication_name_sealed", PUBLICATION, {"name": CLEAR}),
    update("publication_wording_sealed", PUBLICATION, {"wording": CLEAR}),
    update("publication_named", PUBLICATION, {"name": ""}),
    update("publication_dates_plausible", PUBLICATION, {"consent_on": LONG_AGO}),
    (APP + "publication_cleared_by_another", cleared_by_who_asked),
    update("publication_cleared_whole", PUBLICATION, {"public_kind": "honour"}),
    update("publication_cleared_whole", PUBLICATION, {"cleared_at": timezone.localtime()}),
    (
        APP + "publication_cleared_whole",
        lambda: written(make.PublicationFactory(), cleared_by=make.UserFactory(role="protection-officer")),
    ),
    insert("erasure_kind_known", make.ErasureFactory, {"kind": "else"}),
    insert("erasure_year_plausible", make.ErasureFactory, {"year": 1989}),
    update("erasure_never_changed", make.ErasureFactory, {"year": 2013}),
    sql("erasure_never_changed", make.ErasureFactory, "DELETE FROM solidarity_erasure WHERE id = %s"),
]

PROGRAMME, RESIDENCY, HONOUR = make.ResidencyProgrammeFactory, make.ResidencyFactory, make.HonourFactory
DAY = {"since_precision": "day", "until_precision": "day"}
HONOURS = [
    update("residencyprogramme_kind_known", PROGRAMME, {"kind": "else"}),
    update("residencyprogramme_since_has_precision", PROGRAMME, {"since": date(2011, 1, 1)}),
    update(
        "residencyprogramme_since_starts_its_period",
        PROGRAMME,
        {"since": date(2011, 3, 2), "since_precision": "year"},
    ),
    update("residencyprogramme_dates_plausible", PROGRAMME, {"since": LONG_AGO, "since_precision": "day"}),
    update("residencyprogramme_volume_over_zero", PROGRAMME, {"volume_per_year": 0}),
    *(update("residencyprogramme_duration_plausible", PROGRAMME, {"duration_months": n}) for n in (0, 61)),
    insert("programmehost_once", make.ProgrammeHostFactory),
    update("residency_since_by_until", RESIDENCY, {"since": date(2015, 3, 2), "until": date(2015, 3, 1)} | DAY),
    *(update(f"residency_{name}_has_precision", RESIDENCY, {name: date(2015, 3, 2)}) for name in ("since", "until")),
    *(
        update(f"residency_{name}_starts_its_period", RESIDENCY, {name: date(2015, 3, 2), f"{name}_precision": "month"})
        for name in ("since", "until")
    ),
    update("residency_dates_plausible", RESIDENCY, {"until": FAR_OFF, "until_precision": "day"}),
    update("residency_discipline_known", RESIDENCY, {"discipline": "else"}),
    update("honour_reference_form", HONOUR, {"reference": "hon 1"}),
    update("honour_kind_known", HONOUR, {"kind": "else"}),
    (APP + "honour_stage_known", stage_unknown),
    *(update("honour_year_plausible", HONOUR, {"year": year}) for year in (1989, 2101)),
    update("honour_awarded_on_has_precision", HONOUR, {"awarded_on": date(2015, 3, 2)}),
    update("honour_awarded_on_starts_its_period", HONOUR, {"awarded_on_precision": "month"}, awarded=True),
    update("honour_dates_plausible", HONOUR, {"nominated_on": LONG_AGO}),
    update("honour_awarded_has_date", HONOUR, {"awarded_on_precision": "unknown"}),
    update("honour_awarded_has_date", HONOUR, {"awarded_on": None, "awarded_on_precision": ""}, awarded=True),
    update("honour_voted_has_deliberation", HONOUR, {"stage": "voted"}, stage="examined"),
    update("honour_closed_says_why", HONOUR, {"stage": "rejected"}),
    update("honour_closed_says_why", HONOUR, {"closed_reason": "invented"}),
    update("commissionopinion_opinion_known", make.CommissionOpinionFactory, {"opinion": "else"}),
    insert("commissionopinion_once", make.CommissionOpinionFactory),
]
