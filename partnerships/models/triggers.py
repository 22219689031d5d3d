"""What only a trigger can hold: rules across rows, also under concurrency and for raw SQL.

Each refusal names a constraint; the model's `refusals` has its sentence.
"""

from core.database import refuse

# The period of each party follows its agreement, and that of the agreement that it renews or renewed.
PARTIES_FOLLOW = """
    IF TG_OP <> 'INSERT' THEN
        UPDATE partnerships_agreementparty SET kind = kind WHERE agreement_id = OLD.renews_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE partnerships_agreementparty SET kind = kind WHERE agreement_id = NEW.renews_id;
        UPDATE partnerships_agreementparty SET kind = NEW.kind WHERE agreement_id = NEW.id;
    END IF;
    RETURN NULL;
"""

# The days that an agreement binds, for the rule against overlaps: from its effect (or its signature where the effect is
# not known) to its end, or to the effect of the agreement that renews it. Nothing where it is not signed, where nobody
# knows when, or where it renews another and has not taken effect yet.
PERIOD = """
    -- Whoever changes the agreement or the organisation meanwhile waits, and then sees this party.
    PERFORM 1 FROM partnerships_agreement WHERE id = NEW.agreement_id FOR SHARE;
    PERFORM 1 FROM partnerships_organisation WHERE id = NEW.organisation_id FOR SHARE;
    SELECT a.kind, CASE
        WHEN a.status IN ('draft', 'voted') OR COALESCE(a.in_force_on, a.signed_on) IS NULL
             OR (a.renews_id IS NOT NULL AND (a.in_force_on IS NULL OR a.status = 'signed')) THEN NULL
        ELSE daterange(
            COALESCE(a.in_force_on, a.signed_on),
            NULLIF(GREATEST(COALESCE(a.in_force_on, a.signed_on), LEAST(
                a.ended_on,
                (SELECT s.in_force_on - 1 FROM partnerships_agreement s WHERE s.renews_id = a.id AND s.status NOT IN ('draft', 'voted', 'signed')),
                CASE WHEN a.tacit_renewal AND a.status IN ('signed', 'in-force') THEN NULL ELSE a.expires_on END,
                'infinity'::date)), 'infinity'::date), '[]') END
    INTO NEW.kind, NEW.period FROM partnerships_agreement a WHERE a.id = NEW.agreement_id;
    IF NEW.role = 'counterpart' AND NEW.organisation_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM partnerships_organisation o JOIN partnerships_agreement a ON a.id = NEW.agreement_id
        WHERE o.id = NEW.organisation_id AND o.kind = 'state' AND a.state_authorisation = '')
    THEN
        RAISE EXCEPTION 'The counterpart may not be a State (CGCT L1115-5) without an authorised exception.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'partnerships_agreementparty_no_state';
    END IF;
    RETURN NEW;
"""

# Beyond the draft an agreement keeps somebody it was agreed with.
COUNTERPART_STAYS = """
    IF TG_OP = 'UPDATE' AND NEW.role = 'counterpart' AND NEW.agreement_id = OLD.agreement_id THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM partnerships_agreement WHERE id = OLD.agreement_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM partnerships_agreement a WHERE a.id = OLD.agreement_id AND a.status <> 'draft')
       AND NOT EXISTS (SELECT 1 FROM partnerships_agreementparty p
                       WHERE p.agreement_id = OLD.agreement_id AND p.role = 'counterpart' AND p.id <> OLD.id)
    THEN
        RAISE EXCEPTION 'An agreement beyond its draft keeps a counterpart.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'partnerships_agreementparty_counterpart_stays';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""

# The expiry of an agreement is that of its last amendment that names one.
MOVE_EXPIRY = """
    UPDATE partnerships_agreement g SET expires_on = last.new_expiry
    FROM (SELECT new_expiry FROM partnerships_amendment
          WHERE agreement_id = COALESCE(NEW.agreement_id, OLD.agreement_id) AND new_expiry IS NOT NULL
          ORDER BY number DESC LIMIT 1) last
    WHERE g.id = COALESCE(NEW.agreement_id, OLD.agreement_id) AND g.expires_on IS DISTINCT FROM last.new_expiry;
    RETURN NULL;
"""

# A3 (CGCT L1115-5) holds also where a counterpart becomes a State afterwards.
STATE_IS_COUNTERPART = """
    IF EXISTS (SELECT 1 FROM partnerships_agreementparty p JOIN partnerships_agreement a ON a.id = p.agreement_id
               WHERE p.organisation_id = NEW.id AND p.role = 'counterpart' AND a.state_authorisation = '') THEN
        RAISE EXCEPTION 'A counterpart becomes a State (CGCT L1115-5).' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'partnerships_organisation_state_is_counterpart';
    END IF;
    RETURN NEW;
"""

# A partnership does not end before it begins. One that had begun by the day, and was not over by then, may: what began
# later is another partnership, and stays.
RENEWAL_END_AFTER_BEGINNING = f"""
    IF NEW.verdict = 'end' AND EXISTS (
        SELECT 1 FROM partnerships_relation r
        WHERE r.city_id = NEW.city_id AND r.kind IN ('partner', 'strengthening') AND r.since > NEW.decided_on)
    AND NOT EXISTS (
        SELECT 1 FROM partnerships_relation r
        WHERE r.city_id = NEW.city_id AND r.kind IN ('partner', 'strengthening')
        AND (r.since IS NULL OR r.since <= NEW.decided_on)
        AND CASE r.until_precision
            WHEN '' THEN true
            WHEN 'day' THEN r.until >= NEW.decided_on
            WHEN 'month' THEN r.until + interval '1 month' > NEW.decided_on
            WHEN 'season' THEN r.until + interval '3 months' > NEW.decided_on
            WHEN 'year' THEN r.until + interval '1 year' > NEW.decided_on
            ELSE false END)
    THEN
        {refuse("partnerships_renewaldecision_end_after_beginning", "A partnership does not end before it begins.")}
    END IF;
    RETURN NEW;
"""

RENEWAL_APPEND_ONLY = refuse(
    "partnerships_renewaldecision_append_only", "A decision is never changed or taken back: record a new one."
)
