"""What only a trigger can hold: rules across rows, also under concurrency and for raw SQL.

Each refusal names a constraint; the model's `refusals` has its sentence.
"""

from core.database import refuse

# A mandate follows one of the same city that ended before it. Whoever moves the other one meanwhile waits, and then sees
# this one; one lock for all, because two neighbours that move at once would wait for each other.
FOLLOWS = f"""
    PERFORM pg_advisory_xact_lock(hashtext('mandate_mandate'));
    IF EXISTS (SELECT 1 FROM mandate_mandate p WHERE p.id = NEW.previous_id
               AND (p.city_id <> NEW.city_id OR p.ends_on > NEW.starts_on))
       OR EXISTS (SELECT 1 FROM mandate_mandate n WHERE n.previous_id = NEW.id
                  AND (n.city_id <> NEW.city_id OR n.starts_on < NEW.ends_on)) THEN
        {refuse("mandate_mandate_follows", "A mandate follows one of the same city that ended before it.")}
    END IF;
    RETURN NEW;
"""

# What was carried over came from that mandate.
PREVIOUS_STAYS = f"""
    IF EXISTS (SELECT 1 FROM mandate_objective o WHERE o.mandate_id = NEW.id AND o.continues_id IS NOT NULL) THEN
        {refuse("mandate_mandate_previous_stays", "Objectives were carried over: the mandate before stays.")}
    END IF;
    RETURN NEW;
"""

# The decisions that rule; those that a later one replaced may lie anywhere.
DECISIONS_WITHIN = f"""
    IF EXISTS (
        SELECT 1 FROM (
            SELECT DISTINCT ON (d.which) d.falls_on FROM mandate_milestonedecision d WHERE d.mandate_id = NEW.id
            ORDER BY d.which, d.decided_on DESC, d.id DESC
        ) ruling WHERE ruling.falls_on NOT BETWEEN NEW.starts_on AND NEW.ends_on
    ) THEN
        {refuse("mandate_mandate_decisions_within", "A milestone that was decided would fall outside the mandate.")}
    END IF;
    RETURN NEW;
"""

DECISION_WITHIN = f"""
    -- Whoever moves the mandate meanwhile waits, and then sees this decision.
    PERFORM 1 FROM mandate_mandate WHERE id = NEW.mandate_id FOR SHARE;
    IF NOT EXISTS (
        SELECT 1 FROM mandate_mandate m WHERE m.id = NEW.mandate_id AND NEW.falls_on BETWEEN m.starts_on AND m.ends_on
    ) THEN
        {refuse("mandate_milestonedecision_within", "A milestone falls within its mandate.")}
    END IF;
    RETURN NEW;
"""

DECISION_APPEND_ONLY = refuse(
    "mandate_milestonedecision_append_only", "A decision is never changed or taken back: record a new one."
)

# --- objectives ---

MANDATE_STAYS = refuse("mandate_objective_mandate_stays", "An objective stays in its mandate.")
ONLY_UNSTARTED_DELETED = refuse("mandate_objective_only_unstarted_deleted", "Only what was never judged is deleted.")

# No objective is a part of itself, however deep; two that move at once wait for each other.
TREE = f"""
    PERFORM pg_advisory_xact_lock(hashtext('mandate_objective.parent'));
    IF EXISTS (SELECT 1 FROM mandate_objective p WHERE p.id = NEW.parent_id AND p.mandate_id <> NEW.mandate_id) THEN
        {refuse("mandate_objective_parent_of_mandate", "An objective and its parts are of one mandate.")}
    END IF;
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT o.parent_id FROM mandate_objective o JOIN above ON o.id = above.id WHERE o.parent_id IS NOT NULL
        )
        SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
        {refuse("mandate_objective_no_circle", "An objective cannot be a part of its own parts.")}
    END IF;
    RETURN NULL;
"""

# Asked at the end of the transaction, because weights are moved one by one. Whoever ends meanwhile waits, and then is
# counted too.
WEIGHTS = f"""
DECLARE
    v_parent bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mandate_objective.weight'));
    FOR v_parent IN SELECT DISTINCT parent FROM unnest(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.parent_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.parent_id END
    ]) AS touched(parent) WHERE parent IS NOT NULL
    LOOP
        IF (SELECT sum(o.weight) FROM mandate_objective o WHERE o.parent_id = v_parent) <> 100 THEN
            {refuse("mandate_objective_weights_whole", "The weights of the parts of an objective sum to 100.")}
        END IF;
    END LOOP;
    RETURN NULL;
END;
"""

CONTINUES = f"""
    IF NOT EXISTS (
        SELECT 1 FROM mandate_objective c JOIN mandate_mandate m ON m.previous_id = c.mandate_id
        WHERE c.id = NEW.continues_id AND m.id = NEW.mandate_id
    ) THEN
        {refuse("mandate_objective_continues_previous", "An objective continues one of the mandate before.")}
    END IF;
    RETURN NULL;
"""

DIRECTORATE = f"""
    IF NOT EXISTS (SELECT 1 FROM partnerships_organisation o WHERE o.id = NEW.organisation_id AND o.kind = 'directorate') THEN
        {refuse("mandate_objectiveassociate_directorate", "Only a directorate of the City is associated.")}
    END IF;
    RETURN NEW;
"""

# No objective waits for itself, however long the way.
PRECONDITIONS = f"""
    PERFORM pg_advisory_xact_lock(hashtext('mandate_objectiveprecondition'));
    IF EXISTS (
        SELECT 1 FROM mandate_objective o JOIN mandate_objective n ON n.id = NEW.needs_id
        WHERE o.id = NEW.objective_id AND n.mandate_id <> o.mandate_id
    ) THEN
        {refuse("mandate_objectiveprecondition_of_mandate", "An objective needs one of its own mandate.")}
    END IF;
    IF EXISTS (
        WITH RECURSIVE needed(id) AS (
            SELECT NEW.needs_id
            UNION
            SELECT p.needs_id FROM mandate_objectiveprecondition p JOIN needed ON p.objective_id = needed.id
            WHERE p.needs_id IS NOT NULL
        )
        SELECT 1 FROM needed WHERE id = NEW.objective_id
    ) THEN
        {refuse("mandate_objectiveprecondition_no_circle", "Two objectives cannot wait for each other.")}
    END IF;
    RETURN NULL;
"""

# --- what shows that an objective is met ---


def _reached(indicator: str) -> str:
    """SQL: the last reading of the indicator reaches its target; NULL where there is no target or nothing was counted."""
    last = f"""(SELECT r.value FROM mandate_indicatorreading r WHERE r.indicator_id = {indicator}.id
                ORDER BY r.day DESC LIMIT 1)"""
    return f"(CASE {indicator}.direction WHEN 'at-least' THEN {last} >= {indicator}.target ELSE {last} <= {indicator}.target END)"


def _shown(objective: str, without: str = "") -> str:
    """SQL: evidence shows the objective, or an indicator that reaches its target; `without` leaves out OLD of that table."""
    evidence, indicator = (f" AND {table}.id <> OLD.id" if without == table else "" for table in ("e", "i"))
    return f"""(
        EXISTS (SELECT 1 FROM mandate_evidence e WHERE e.objective_id = {objective}{evidence})
        OR EXISTS (SELECT 1 FROM mandate_indicator i WHERE i.objective_id = {objective}{indicator} AND {_reached("i")}))"""


# Asked at the end of the transaction: data that are taken over bring the evidence after the objective.
MET_IS_SHOWN = f"""
    IF EXISTS (SELECT 1 FROM mandate_objective o WHERE o.id = NEW.id AND o.status = 'met') AND NOT {_shown("NEW.id")} THEN
        {refuse("mandate_objective_met_is_shown", "What is met is shown by evidence, or by an indicator.")}
    END IF;
    RETURN NULL;
"""

_IS_MET = "EXISTS (SELECT 1 FROM mandate_objective o WHERE o.id = OLD.objective_id AND o.status = 'met')"
# Whoever judges the objective or takes away other evidence meanwhile waits, and then sees this one gone.
_HOLD_OBJECTIVE = "PERFORM 1 FROM mandate_objective WHERE id = OLD.objective_id FOR NO KEY UPDATE;"

EVIDENCE_STAYS = f"""
    {_HOLD_OBJECTIVE}
    IF (TG_OP = 'DELETE' OR NEW.objective_id <> OLD.objective_id) AND {_IS_MET}
       AND NOT {_shown("OLD.objective_id", "e")} THEN
        {refuse("mandate_evidence_met_stays_shown", "The objective is met: something must go on showing it.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""

# The readings of an indicator go before it does: whether it did show the objective cannot be asked any more.
INDICATOR_STAYS = f"""
    {_HOLD_OBJECTIVE}
    IF {_IS_MET} AND NOT {_shown("OLD.objective_id", "i")}
       AND (TG_OP = 'DELETE' OR NEW.objective_id <> OLD.objective_id OR {_reached("NEW")} IS NOT TRUE) THEN
        {refuse("mandate_indicator_met_stays_shown", "The objective is met: something must go on showing it.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""

# --- reports ---

REPORT_ADOPTED_STAYS = refuse("mandate_report_adopted_stays", "An adopted report is never changed: write another one.")

# Whoever adopts the report meanwhile waits, and then holds this text; or this text waits, and is refused.
BLOCK_ADOPTED_STAYS = f"""
    PERFORM 1 FROM mandate_report r
        WHERE r.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.report_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.report_id END)
        FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM mandate_report r WHERE r.status = 'adopted' AND r.id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.report_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.report_id END)
    ) THEN
        {refuse("mandate_reportblock_adopted_stays", "An adopted report is never changed: write another one.")}
    END IF;
    RETURN COALESCE(NEW, OLD);
"""

# Asked at the end of the transaction that adopts, whichever of the two it writes first.
REPORT_ADOPTED_STATES = f"""
    IF EXISTS (SELECT 1 FROM mandate_report r WHERE r.id = NEW.id AND r.status = 'adopted')
       AND NOT EXISTS (SELECT 1 FROM mandate_reportentry e WHERE e.report_id = NEW.id) THEN
        {refuse("mandate_report_adopted_states", "An adopted report keeps what it states: this one holds no statement.")}
    END IF;
    RETURN NULL;
"""

# Statements are kept by the transaction that adopts, before the status says so.
ENTRY_FROZEN_STAYS = f"""
    -- Whoever adopts the report meanwhile waits; or this statement waits, and is refused.
    PERFORM 1 FROM mandate_report r WHERE TG_OP = 'INSERT' AND r.id = NEW.report_id FOR SHARE;
    IF TG_OP <> 'INSERT' OR EXISTS (SELECT 1 FROM mandate_report r WHERE r.id = NEW.report_id AND r.status = 'adopted') THEN
        {refuse("mandate_reportentry_frozen_stays", "What an adopted report states is never changed.")}
    END IF;
    RETURN NEW;
"""
ENTRY_FROZEN_AT_ADOPTION = f"""
    IF EXISTS (SELECT 1 FROM mandate_report r WHERE r.id = NEW.report_id AND r.status <> 'adopted') THEN
        {refuse("mandate_reportentry_frozen_at_adoption", "What a report states is kept when it is adopted, and not before.")}
    END IF;
    RETURN NULL;
"""
