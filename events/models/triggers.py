"""What only a trigger can hold: rules across rows, also under concurrency and for raw SQL.

Each refusal names a constraint; the model's `refusals` has its sentence.
"""

from core.database import refuse

_REFUSE_MANDATE = refuse(
    "events_participant_elected_has_mandate", "An elected member abroad needs a special mandate voted before departure."
)
_REFUSE_ORDER = refuse("events_participant_staff_has_order", "The staff of the City abroad needs a mission order.")

# A mandate is voted before the departure when the last day on which its vote may have been lies before it.
_LATE = """(d.voted_on IS NULL OR d.voted_on + CASE d.voted_on_precision
        WHEN 'year' THEN interval '1 year' WHEN 'season' THEN interval '3 months' WHEN 'month' THEN interval '1 month'
        ELSE interval '1 day' END > {departure})"""
# The day of the departure as it was, or else as it is planned.
_LEFT = "COALESCE({mission}.actual_start, {mission}.planned_start)"
# Of a trip that took place it may be said why somebody left without: history that is taken over, or a breach of the law.
_BOUND = "({mission}.status = 'confirmed' OR {mission}.status = 'done' AND {traveller}.uncovered_reason = '')"

# An elected member leaves with a special mandate that the Council voted before the departure, the staff with a mission
# order (A13).
LEAVES_WITH_MANDATES = f"""
    IF NEW.status NOT IN ('confirmed', 'done') THEN
        RETURN NEW;
    END IF;
    -- Whoever moves one of the votes meanwhile waits, and then sees this mission as it is now.
    PERFORM 1 FROM partnerships_deliberation d WHERE d.id IN (
        SELECT p.mandate_id FROM events_participant p WHERE p.mission_id = NEW.id) ORDER BY d.id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM events_participant p LEFT JOIN partnerships_deliberation d ON d.id = p.mandate_id
        WHERE p.mission_id = NEW.id AND p.quality = 'elected' AND {_BOUND.format(mission="NEW", traveller="p")}
        AND {_LATE.format(departure=_LEFT.format(mission="NEW"))}
    ) THEN
        {_REFUSE_MANDATE}
    END IF;
    IF EXISTS (
        SELECT 1 FROM events_participant p WHERE p.mission_id = NEW.id AND p.quality = 'staff' AND p.order_number = ''
        AND {_BOUND.format(mission="NEW", traveller="p")}
    ) THEN
        {_REFUSE_ORDER}
    END IF;
    RETURN NEW;
"""

TRAVELLER_HAS_MANDATE = f"""
    -- Whoever moves the mission on or moves the vote meanwhile waits, and then sees this traveller.
    PERFORM 1 FROM events_mission WHERE id = NEW.mission_id FOR SHARE;
    PERFORM 1 FROM partnerships_deliberation WHERE id = NEW.mandate_id FOR SHARE;
    IF NEW.quality = 'elected' AND EXISTS (
        SELECT 1 FROM events_mission m LEFT JOIN partnerships_deliberation d ON d.id = NEW.mandate_id
        WHERE m.id = NEW.mission_id AND {_BOUND.format(mission="m", traveller="NEW")}
        AND {_LATE.format(departure=_LEFT.format(mission="m"))}
    ) THEN
        {_REFUSE_MANDATE}
    END IF;
    IF NEW.quality = 'staff' AND NEW.order_number = '' AND EXISTS (
        SELECT 1 FROM events_mission m WHERE m.id = NEW.mission_id AND {_BOUND.format(mission="m", traveller="NEW")}
    ) THEN
        {_REFUSE_ORDER}
    END IF;
    RETURN NEW;
"""

# A mission that is confirmed or took place rests on its mandates: their votes are not moved behind its departure.
MANDATE_STAYS_BEFORE = f"""
    IF EXISTS (
        SELECT 1 FROM partnerships_deliberation d JOIN events_participant p ON p.mandate_id = d.id
        JOIN events_mission m ON m.id = p.mission_id
        WHERE d.id = NEW.id AND p.quality = 'elected' AND {_BOUND.format(mission="m", traveller="p")}
        AND {_LATE.format(departure=_LEFT.format(mission="m"))}
    ) THEN
        {refuse("events_mandate_before_departure", "Elected members travel on this vote: it is before their departure.")}
    END IF;
    RETURN NULL;
"""

# A session belongs to a working group, an edition to a public day or a festival, and to nothing that is itself a part.
SERIES = f"""
    PERFORM 1 FROM events_event WHERE id = NEW.part_of_id FOR NO KEY UPDATE;
    IF NEW.part_of_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM events_event e WHERE e.id = NEW.part_of_id AND e.id <> NEW.id AND (
            (NEW.kind = 'session' AND e.kind = 'working-group')
            OR (NEW.kind = 'edition' AND e.kind IN ('public-day', 'festival')))
    ) OR EXISTS (
        SELECT 1 FROM events_event e WHERE e.part_of_id = NEW.id AND NOT (
            (e.kind = 'session' AND NEW.kind = 'working-group')
            OR (e.kind = 'edition' AND NEW.kind IN ('public-day', 'festival')))
    ) THEN
        {refuse("events_event_series", "A session is part of a working group, an edition of a public day or a festival.")}
    END IF;
    RETURN NEW;
"""


def _node(row: str, prefix: str = "") -> str:
    """SQL: which mission, delegation or event the columns of the row name, as one value."""
    kinds = " ".join(
        f"WHEN {row}.{prefix}{kind}_id IS NOT NULL THEN '{kind}' || {row}.{prefix}{kind}_id"
        for kind in ("mission", "delegation", "event")
    )
    return f"CASE {kinds} END"


# What an occasion led to never leads back to it, however long the way.
NO_CIRCLE = f"""
    PERFORM pg_advisory_xact_lock(hashtext('events_outcome'));
    IF EXISTS (
        WITH RECURSIVE later(node) AS (
            SELECT {_node("NEW", "led_to_")}
            UNION
            SELECT {_node("o", "led_to_")} FROM events_outcome o JOIN later ON {_node("o")} = later.node
            WHERE o.id <> NEW.id
        )
        SELECT 1 FROM later WHERE node = {_node("NEW")}
    ) THEN
        {refuse("events_outcome_no_circle", "What an event led to cannot lead back to it.")}
    END IF;
    RETURN NEW;
"""
