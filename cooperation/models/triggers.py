"""What only a trigger can hold: rules across rows, also under concurrency and for raw SQL.

Each refusal names a constraint; the model's `refusals` has its sentence.
"""

from cooperation.models import balances
from core.database import refuse
from core.shares import whole

CLASSIFICATION = f"""
    IF NOT {whole("NEW.purposes")} OR EXISTS (
        SELECT 1 FROM jsonb_object_keys(NEW.purposes) AS given(code)
        WHERE NOT EXISTS (SELECT 1 FROM cooperation_purposecode p WHERE p.code = given.code)
    ) THEN
        {refuse("cooperation_project_purposes_whole", "The percentages of the purpose codes sum to 100, each a code of the DAC.")}
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(NEW.sdg_targets) AS given(target)
               WHERE target !~ '^(1[0-7]|[1-9])([.]([1-9]|1[0-9]|[a-d]))?$') THEN
        {refuse("cooperation_project_sdg_form", "A goal or a target of the SDGs is written as in 6 or 6.1.")}
    END IF;
    RETURN NEW;
"""

# A purpose code that a project names is not taken away or renamed.
PURPOSE_IN_USE = f"""
    IF TG_OP = 'UPDATE' AND NEW.code = OLD.code THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM cooperation_project WHERE purposes ? OLD.code) THEN
        {refuse("cooperation_purposecode_in_use", "Projects are declared under this code.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""

# A part has no parts, and the money of a whole stands on its parts.
ONE_LEVEL = f"""
    PERFORM 1 FROM cooperation_project WHERE id = NEW.parent_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM cooperation_project WHERE id = NEW.parent_id AND parent_id IS NOT NULL)
       OR EXISTS (SELECT 1 FROM cooperation_project WHERE parent_id = NEW.id) THEN
        {refuse("cooperation_project_one_level", "A part of a project has no parts of its own.")}
    END IF;
    IF EXISTS (SELECT 1 FROM cooperation_fundingline WHERE project_id = NEW.parent_id) THEN
        {refuse("cooperation_project_money_on_parts", "The money of a project that has parts stands on its parts.")}
    END IF;
    RETURN NEW;
"""

MONEY_ON_PARTS = f"""
    PERFORM 1 FROM cooperation_project WHERE id = NEW.project_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM cooperation_project WHERE parent_id = NEW.project_id) THEN
        {refuse("cooperation_fundingline_money_on_parts", "The money of a project that has parts stands on its parts.")}
    END IF;
    RETURN NEW;
"""

DIRECTORATE = f"""
    IF NOT EXISTS (SELECT 1 FROM partnerships_organisation o WHERE o.id = NEW.organisation_id AND o.kind = 'directorate') THEN
        {refuse("cooperation_projectorganisation_directorate", "Only a directorate of the City leads or is associated.")}
    END IF;
    RETURN NEW;
"""

CURRENCY_STAYS = f"""
    IF EXISTS (SELECT 1 FROM cooperation_movement WHERE line_id = NEW.id) THEN
        {refuse("cooperation_fundingline_currency_stays", "The line has movements: its currency stays.")}
    END IF;
    RETURN NEW;
"""

# Every movement is in the currency of its line; whoever changes the line or adds to it meanwhile waits.
FOLLOW_LINE = f"""
    {balances.locked(balances.LINES_OF_MOVEMENT)}
    SELECT currency INTO NEW.currency FROM cooperation_fundingline WHERE id = NEW.line_id FOR NO KEY UPDATE;
    RETURN NEW;
"""

_FRAMEWORK = f"""
    IF EXISTS (
        SELECT 1 FROM cooperation_framework f WHERE f.id = v_framework AND f.amount IS NOT NULL AND f.amount < (
            SELECT COALESCE(sum(m.amount_eur), 0) FROM cooperation_movement m
            JOIN cooperation_fundingline l ON l.id = m.line_id
            WHERE l.framework_id = v_framework AND m.kind = 'committed')
    ) THEN
        {refuse("cooperation_framework_not_exceeded", "The framework agreement does not have so much left.")}
    END IF;
"""

# At the end of every day of the line: committed >= disbursed, and nothing below zero.
WITHIN_COMMITMENT = f"""
DECLARE
    v_line bigint;
    v_framework bigint;
    v_lowest numeric;
    v_balance numeric;
BEGIN
    FOREACH v_line IN ARRAY ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.line_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.line_id END]
    LOOP
        CONTINUE WHEN v_line IS NULL;
        SELECT l.framework_id INTO v_framework FROM cooperation_fundingline l WHERE l.id = v_line FOR NO KEY UPDATE;
        SELECT min(sums.lowest), min(sums.balance) INTO v_lowest, v_balance FROM (
            SELECT LEAST(
                       sum(amount) FILTER (WHERE kind = 'requested') OVER days,
                       sum(amount) FILTER (WHERE kind = 'committed') OVER days,
                       sum(amount) FILTER (WHERE kind = 'disbursed') OVER days) AS lowest,
                   sum(CASE kind WHEN 'committed' THEN amount WHEN 'disbursed' THEN -amount ELSE 0 END) OVER days AS balance
            FROM cooperation_movement WHERE line_id = v_line WINDOW days AS (ORDER BY "on")) sums;
        IF v_lowest < 0 THEN
            {refuse("cooperation_movement_not_below_nothing", "What is taken back never exceeds what was there.")}
        END IF;
        IF v_balance < 0 THEN
            {refuse("cooperation_movement_within_commitment", "What is disbursed never exceeds what has been committed.")}
        END IF;
        PERFORM 1 FROM cooperation_framework f WHERE f.id = v_framework FOR NO KEY UPDATE;
        {_FRAMEWORK}
    END LOOP;
    RETURN NULL;
END;
"""

FRAMEWORK_AMOUNT = f"""
DECLARE
    v_framework bigint := NEW.id;
BEGIN
    {_FRAMEWORK}
    RETURN NULL;
END;
"""

FRAMEWORK_OF_LINE = f"""
DECLARE
    v_framework bigint := NEW.framework_id;
BEGIN
    PERFORM 1 FROM cooperation_framework f WHERE f.id = v_framework FOR NO KEY UPDATE;
    {_FRAMEWORK}
    RETURN NULL;
END;
"""

APPEND_ONLY = refuse("cooperation_forecast_append_only", "A forecast is never changed or taken back: record a new one.")

# The deadlines of a call in order, each once; none before the opening.
DEADLINES = f"""
    NEW.deadlines := ARRAY(SELECT DISTINCT day FROM unnest(NEW.deadlines) AS given(day) ORDER BY day);
    IF cardinality(NEW.deadlines) = 0 THEN
        {refuse("cooperation_fundingcall_has_deadline", "A call has at least one deadline.")}
    END IF;
    NEW.last_deadline := NEW.deadlines[cardinality(NEW.deadlines)];
    IF NEW.opens_on > NEW.deadlines[1] THEN
        {refuse("cooperation_fundingcall_opens_by_deadline", "A call does not open after its first deadline.")}
    END IF;
    RETURN NEW;
"""
