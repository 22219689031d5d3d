"""What only a trigger can hold: money rules across rows, also under concurrency and for raw SQL.

Whoever writes locks in one order: the grant, then envelopes by their number, so that two at once wait and do not collide.
Each refusal names a constraint; the model's `refusals` has its sentence.
"""

from core.balances import SEES_THE_OTHERS, Balances
from core.database import refuse

STARTS_AS_DRAFT = refuse("solidarity_grant_starts_as_draft", "A grant begins as a draft.")
ONLY_DRAFTS_DELETED = refuse("solidarity_grant_only_drafts_deleted", "Only a draft is deleted.")

_SETTLED = "('proposed', 'voted', 'signed', 'in-payment', 'reported', 'closed')"
_COMMITTED = "('voted', 'signed', 'in-payment', 'reported', 'closed')"

# What is proposed is fully allocated; from there on its amounts stay until it goes back to review.
GRANT_SETTLED = f"""
    IF NEW.stage IN {_SETTLED} AND OLD.stage NOT IN {_SETTLED} THEN
        {SEES_THE_OTHERS}
        IF NEW.amount_granted IS DISTINCT FROM (SELECT sum(amount) FROM solidarity_allocation WHERE grant_id = NEW.id) THEN
            {refuse("solidarity_grant_fully_allocated", "The allocations sum to the amount granted.")}
        END IF;
        IF EXISTS (SELECT 1 FROM solidarity_allocation a JOIN solidarity_envelope e ON e.id = a.envelope_id
                   WHERE a.grant_id = NEW.id AND e.year NOT BETWEEN NEW.year AND COALESCE(NEW.until_year, NEW.year)) THEN
            {refuse("solidarity_grant_allocated_in_its_years", "An allocation is of another year than the grant.")}
        END IF;
    END IF;
    IF NEW.stage IN {_SETTLED} AND OLD.stage IN {_SETTLED} AND (
        NEW.amount_granted IS DISTINCT FROM OLD.amount_granted OR NEW.amount_asked IS DISTINCT FROM OLD.amount_asked
        OR NEW.in_kind_value <> OLD.in_kind_value OR NEW.beneficiary_id <> OLD.beneficiary_id
        OR NEW.year <> OLD.year OR NEW.until_year IS DISTINCT FROM OLD.until_year
        OR OLD.deliberation_id IS NOT NULL AND NEW.deliberation_id IS DISTINCT FROM OLD.deliberation_id) THEN
        {refuse("solidarity_grant_settled_stays", "What was proposed to the Council stays.")}
    END IF;
    RETURN NEW;
"""

ALLOCATION_SETTLED = f"""
    {SEES_THE_OTHERS}
    PERFORM 1 FROM solidarity_grant g WHERE g.id IN (
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.grant_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.grant_id END)
        ORDER BY g.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM solidarity_grant g WHERE g.stage IN {_SETTLED} AND g.id IN (
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.grant_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.grant_id END)) THEN
        {refuse("solidarity_allocation_settled_stays", "What was proposed to the Council stays.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF EXISTS (SELECT 1 FROM solidarity_envelope e JOIN solidarity_fund f ON f.id = e.fund_id
               WHERE e.id = NEW.envelope_id AND (
                   f.kind = 'service-share' AND NEW.service_id IS NULL
                   OR NEW.service_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM solidarity_fundservice s WHERE s.id = NEW.service_id AND s.fund_id = f.id))) THEN
        {refuse("solidarity_allocation_service_of_fund", "The allocation names a service that feeds the fund.")}
    END IF;
    RETURN NEW;
"""

# The sum that voted grants take of an envelope, and of each service's ceiling, in force on the day of each vote.
_CHECK_ENVELOPE = f"""
    IF (SELECT COALESCE(sum(a.amount), 0) FROM solidarity_allocation a JOIN solidarity_grant g ON g.id = a.grant_id
        WHERE a.envelope_id = v_envelope AND g.stage IN {_COMMITTED})
       > (SELECT commitment_authorised FROM solidarity_envelope WHERE id = v_envelope) THEN
        {refuse("solidarity_envelope_commitments_within", "The authorised commitment (AE) of the envelope is exceeded.")}
    END IF;
    IF EXISTS (
        SELECT 1 FROM solidarity_allocation a JOIN solidarity_grant g ON g.id = a.grant_id
        JOIN solidarity_envelope e ON e.id = a.envelope_id JOIN solidarity_fund f ON f.id = e.fund_id
        LEFT JOIN solidarity_resourcebase b ON b.envelope_id = a.envelope_id AND b.service_id = a.service_id
        WHERE a.envelope_id = v_envelope AND (a.service_id IS NOT NULL OR f.kind = 'service-share')
        AND g.stage IN {_COMMITTED} AND b.id IS NULL) THEN
        {refuse("solidarity_envelope_has_base", "The own resources of the service are not recorded.")}
    END IF;
    IF EXISTS (
        SELECT 1 FROM solidarity_resourcebase b JOIN solidarity_envelope e ON e.id = b.envelope_id
        WHERE b.envelope_id = v_envelope AND (
            SELECT sum(a.amount) FROM solidarity_allocation a JOIN solidarity_grant g ON g.id = a.grant_id
            WHERE a.envelope_id = b.envelope_id AND a.service_id = b.service_id AND g.stage IN {_COMMITTED}
        ) > b.own_resources / 100 * (
            SELECT COALESCE(max(p.value), 0) FROM solidarity_fundparameter p WHERE p.fund_id = e.fund_id AND p.kind = 'ceiling-rate'
            AND daterange(p.since, p.until, '[]') && daterange(make_date(e.year, 1, 1), make_date(e.year, 12, 31), '[]'))
    ) THEN
        {refuse("solidarity_envelope_within_ceiling", "The ceiling on the own resources of the service is exceeded.")}
    END IF;
"""

_CHECK_CREDITS = f"""
    IF (SELECT COALESCE(sum(p.amount), 0) FROM solidarity_payment p
        JOIN solidarity_allocation a ON a.id = p.allocation_id JOIN solidarity_envelope e ON e.id = a.envelope_id
        WHERE e.fund_id = v_fund AND p.paid_on BETWEEN make_date(v_year, 1, 1) AND make_date(v_year, 12, 31))
       > v_credits THEN
        {refuse("solidarity_envelope_payments_within", "The payment credits (CP) of the fund for that year are exceeded.")}
    END IF;
"""

GRANT_WITHIN = f"""
DECLARE
    v_envelope bigint;
BEGIN
    {SEES_THE_OTHERS}
    FOR v_envelope IN
        SELECT DISTINCT envelope_id FROM solidarity_allocation WHERE grant_id = NEW.id ORDER BY envelope_id
    LOOP
        PERFORM 1 FROM solidarity_envelope WHERE id = v_envelope FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM solidarity_envelope e JOIN solidarity_fund f ON f.id = e.fund_id
            LEFT JOIN partnerships_deliberation d ON d.id = NEW.deliberation_id
            WHERE e.id = v_envelope AND f.kind = 'service-share' AND NOT EXISTS (
                SELECT 1 FROM solidarity_fundparameter p WHERE p.fund_id = f.id AND p.kind = 'ceiling-rate'
                AND COALESCE(d.voted_on, make_date(e.year, 12, 31)) BETWEEN p.since AND COALESCE(p.until, 'infinity'::date))
        ) THEN
            {refuse("solidarity_envelope_has_ceiling", "No ceiling holds for this fund on the day of the vote.")}
        END IF;
        {_CHECK_ENVELOPE}
    END LOOP;
    RETURN NULL;
END;
"""

ENVELOPE_WITHIN = f"""
DECLARE
    v_envelope bigint := NEW.id;
    v_fund bigint := NEW.fund_id;
    v_year int := NEW.year;
    v_credits numeric := NEW.payment_credits;
BEGIN
    {SEES_THE_OTHERS}
    {_CHECK_ENVELOPE}
    {_CHECK_CREDITS}
    RETURN NULL;
END;
"""

BASE_WITHIN = f"""
DECLARE
    v_envelope bigint := OLD.envelope_id;
BEGIN
    {SEES_THE_OTHERS}
    PERFORM 1 FROM solidarity_envelope WHERE id = v_envelope FOR NO KEY UPDATE;
    {_CHECK_ENVELOPE}
    RETURN NULL;
END;
"""

ENVELOPE_STAYS = f"""
    IF TG_OP = 'UPDATE' AND NEW.fund_id = OLD.fund_id AND NEW.year = OLD.year THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM solidarity_allocation a WHERE a.envelope_id = OLD.id) OR EXISTS (
        SELECT 1 FROM solidarity_payment p JOIN solidarity_allocation a ON a.id = p.allocation_id
        JOIN solidarity_envelope e ON e.id = a.envelope_id
        WHERE e.fund_id = OLD.fund_id
        AND p.paid_on BETWEEN make_date(OLD.year::int, 1, 1) AND make_date(OLD.year::int, 12, 31)) THEN
        {refuse("solidarity_envelope_stays", "The envelope carries grants or payments: its fund and year stay.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""

# What brings rules of its own (a ceiling, or none) stays once a grant was judged by them.
FUND_STAYS = f"""
    IF NEW.kind <> OLD.kind AND EXISTS (SELECT 1 FROM solidarity_allocation a
                                        JOIN solidarity_envelope e ON e.id = a.envelope_id WHERE e.fund_id = OLD.id) THEN
        {refuse("solidarity_fund_kind_stays", "The fund bears grants: what it is stays.")}
    END IF;
    RETURN NEW;
"""

_PAYING = "('in-payment', 'reported', 'closed')"

# A body's other grants may bring the threshold of conventions down on one that is in payment: an agreement can still be
# recorded, given its instalments and signed then; once signed it stays.
AGREEMENT_STAYS = f"""
    PERFORM 1 FROM solidarity_grant g WHERE g.id = OLD.grant_id FOR NO KEY UPDATE;
    IF OLD.signed_on IS NOT NULL AND EXISTS (
        SELECT 1 FROM solidarity_grant g WHERE g.id = OLD.grant_id AND g.stage IN {_PAYING}) THEN
        {refuse("solidarity_grantagreement_stays", "The agreement does not change once payments are open.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.grant_id <> OLD.grant_id AND EXISTS (
        SELECT 1 FROM solidarity_instalment i WHERE i.agreement_id = OLD.id) THEN
        {refuse("solidarity_grantagreement_stays", "An agreement with instalments stays with its grant.")}
    END IF;
    RETURN NEW;
"""

INSTALMENT_WITHIN = f"""
DECLARE
    v_granted numeric;
BEGIN
    {SEES_THE_OTHERS}
    PERFORM 1 FROM solidarity_grant g JOIN solidarity_grantagreement c ON c.grant_id = g.id WHERE c.id IN (
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.agreement_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.agreement_id END)
        ORDER BY g.id FOR NO KEY UPDATE OF g;
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT 1 FROM solidarity_grant g JOIN solidarity_grantagreement c ON c.grant_id = g.id
        WHERE c.id = OLD.agreement_id AND g.stage IN {_PAYING}) THEN
        {refuse("solidarity_grantagreement_stays", "The agreement does not change once payments are open.")}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT g.amount_granted INTO v_granted FROM solidarity_grant g JOIN solidarity_grantagreement c ON c.grant_id = g.id
    WHERE c.id = NEW.agreement_id;
    IF (SELECT COALESCE(sum(i.amount), 0) FROM solidarity_instalment i
        WHERE i.agreement_id = NEW.agreement_id AND i.id <> NEW.id) + NEW.amount > COALESCE(v_granted, 0) THEN
        {refuse("solidarity_instalment_within_grant", "The instalments never exceed the amount granted.")}
    END IF;
    RETURN NEW;
END;
"""

# The body's grants of a year, in cash and in kind, against the threshold in force on the day; private bodies only.
CONVENTION_FIRST = f"""
    IF NOT EXISTS (SELECT 1 FROM solidarity_grantagreement c WHERE c.grant_id = v_grant.id AND c.signed_on IS NOT NULL)
       AND EXISTS (SELECT 1 FROM partnerships_organisation o WHERE o.id = v_grant.beneficiary_id
                   AND o.kind NOT IN ('institution', 'un-agency', 'state', 'directorate', 'operator'))
       AND (SELECT COALESCE(sum(COALESCE(g.amount_granted, 0) + g.in_kind_value), 0) FROM solidarity_grant g
            WHERE g.beneficiary_id = v_grant.beneficiary_id AND g.year = v_grant.year AND g.stage IN {_COMMITTED})
           > (SELECT t.value FROM solidarity_legalthreshold t WHERE t.kind = 'convention'
              AND NEW.paid_on BETWEEN t.since AND COALESCE(t.until, 'infinity'::date)) THEN
        {refuse("solidarity_grant_convention_first", "A signed agreement comes before the payment (loi 2000-321, art. 10).")}
    END IF;
"""

PAYMENT_ALLOWED = f"""
DECLARE
    v_grant record;
    v_state text;
BEGIN
    {SEES_THE_OTHERS}
    IF TG_OP <> 'INSERT' THEN
        SELECT g.stage INTO v_state FROM solidarity_grant g WHERE g.id = OLD.grant_id FOR NO KEY UPDATE;
        IF v_state <> 'in-payment' THEN
            {refuse("solidarity_payment_in_payment", "A payment is recorded while the grant is in payment.")}
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT g.* INTO v_grant FROM solidarity_grant g WHERE g.id = NEW.grant_id FOR NO KEY UPDATE;
    IF v_grant.stage <> 'in-payment' THEN
        {refuse("solidarity_payment_in_payment", "A payment is recorded while the grant is in payment.")}
    END IF;
    IF NOT EXISTS (SELECT 1 FROM solidarity_allocation a WHERE a.id = NEW.allocation_id AND a.grant_id = NEW.grant_id)
       OR NEW.instalment_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM solidarity_instalment i JOIN solidarity_grantagreement c ON c.id = i.agreement_id
           WHERE i.id = NEW.instalment_id AND c.grant_id = NEW.grant_id) THEN
        {refuse("solidarity_payment_of_the_grant", "The allocation or the instalment belongs to another grant.")}
    END IF;
    IF NEW.instalment_id IS NULL AND EXISTS (SELECT 1 FROM solidarity_grantagreement c WHERE c.grant_id = NEW.grant_id) THEN
        {refuse("solidarity_payment_names_instalment", "The grant has an agreement: say which instalment is paid.")}
    END IF;
    IF NEW.paid_on < (SELECT d.voted_on FROM partnerships_deliberation d WHERE d.id = v_grant.deliberation_id) THEN
        {refuse("solidarity_payment_after_vote", "Nothing is paid before the vote of the Council.")}
    END IF;
    {CONVENTION_FIRST}
    RETURN NEW;
END;
"""

PAYMENT_WITHIN = f"""
DECLARE
    v_fund bigint;
    v_year int := extract(year FROM NEW.paid_on)::int;
    v_credits numeric;
BEGIN
    IF (SELECT sum(p.amount) FROM solidarity_payment p WHERE p.allocation_id = NEW.allocation_id)
       > (SELECT a.amount FROM solidarity_allocation a WHERE a.id = NEW.allocation_id) THEN
        {refuse("solidarity_payment_within_allocation", "The payments of this allocation exceed its amount.")}
    END IF;
    IF NEW.instalment_id IS NOT NULL AND (
        SELECT sum(p.amount) FROM solidarity_payment p WHERE p.instalment_id = NEW.instalment_id)
       > (SELECT i.amount FROM solidarity_instalment i WHERE i.id = NEW.instalment_id) THEN
        {refuse("solidarity_payment_within_instalment", "The payments of this instalment exceed its amount.")}
    END IF;
    SELECT e.fund_id INTO v_fund FROM solidarity_allocation a JOIN solidarity_envelope e ON e.id = a.envelope_id
    WHERE a.id = NEW.allocation_id;
    SELECT e.payment_credits INTO v_credits FROM solidarity_envelope e
    WHERE e.fund_id = v_fund AND e.year = v_year FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        {refuse("solidarity_payment_has_envelope", "The fund has no envelope for the year of the payment.")}
    END IF;
    {_CHECK_CREDITS}
    RETURN NULL;
END;
"""

# --- balances: what the sums are, kept as each grant and payment is written ---

BALANCE_BEGINS = "INSERT INTO solidarity_balance (envelope_id) VALUES (NEW.id); RETURN NULL;"
# The envelopes are locked in their order before their balances, like everywhere.
GRANT_BALANCED = f"""
    PERFORM 1 FROM solidarity_envelope WHERE id IN (SELECT envelope_id FROM solidarity_allocation WHERE grant_id = NEW.id)
        ORDER BY id FOR NO KEY UPDATE;
    UPDATE solidarity_balance b SET
        proposed = b.proposed + a.amount * ((NEW.stage = 'proposed')::int - (OLD.stage = 'proposed')::int),
        committed = b.committed + a.amount * ((NEW.stage IN {_COMMITTED})::int - (OLD.stage IN {_COMMITTED})::int)
    FROM (SELECT envelope_id, sum(amount) AS amount FROM solidarity_allocation WHERE grant_id = NEW.id GROUP BY 1) a
    WHERE b.envelope_id = a.envelope_id;
    RETURN NULL;
"""


def _envelope_paid_from(row: str) -> str:
    """The envelope of the payment's fund for the year of its day, whatever year committed it."""
    return f"""
        SELECT paid.id FROM solidarity_allocation a JOIN solidarity_envelope e ON e.id = a.envelope_id
        JOIN solidarity_envelope paid ON paid.fund_id = e.fund_id AND paid.year = extract(year FROM {row}.paid_on)::int
        WHERE a.id = {row}.allocation_id"""


PAYMENT_BALANCED = f"""
DECLARE
    v_old bigint;
    v_new bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        v_old := ({_envelope_paid_from("OLD")});
    END IF;
    IF TG_OP <> 'DELETE' THEN
        v_new := ({_envelope_paid_from("NEW")});
    END IF;
    PERFORM 1 FROM solidarity_envelope WHERE id IN (v_old, v_new) ORDER BY id FOR NO KEY UPDATE;
    IF v_old IS NOT NULL THEN
        UPDATE solidarity_balance SET paid = paid - OLD.amount WHERE envelope_id = v_old;
    END IF;
    IF v_new IS NOT NULL THEN
        UPDATE solidarity_balance SET paid = paid + NEW.amount WHERE envelope_id = v_new;
    END IF;
    RETURN NULL;
END;
"""

# What the balances have to be: the sums themselves.
SUMS = f"""
    SELECT e.id AS envelope_id,
           COALESCE((SELECT sum(a.amount) FROM solidarity_allocation a JOIN solidarity_grant g ON g.id = a.grant_id
                     WHERE a.envelope_id = e.id AND g.stage IN {_COMMITTED}), 0) AS committed,
           COALESCE((SELECT sum(a.amount) FROM solidarity_allocation a JOIN solidarity_grant g ON g.id = a.grant_id
                     WHERE a.envelope_id = e.id AND g.stage = 'proposed'), 0) AS proposed,
           COALESCE(p.paid, 0) AS paid
    FROM solidarity_envelope e LEFT JOIN (
        SELECT c.fund_id, extract(year FROM x.paid_on)::int AS year, sum(x.amount) AS paid
        FROM solidarity_payment x JOIN solidarity_allocation a ON a.id = x.allocation_id
        JOIN solidarity_envelope c ON c.id = a.envelope_id GROUP BY 1, 2
    ) p ON p.fund_id = e.fund_id AND p.year = e.year
"""
KEPT = Balances("solidarity_balance", "envelope_id", ("committed", "proposed", "paid"), SUMS)
BALANCE_ENDS = f"{KEPT.ended('OLD.id')} RETURN OLD;"
