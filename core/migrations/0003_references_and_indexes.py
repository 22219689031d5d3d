from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations

# What `core.references` asks for. Each statement of a function sees what was committed before it begins, which is what
# draws without waiting depend on; as one question it takes one round trip.
HIGHEST = r"""
CREATE FUNCTION parvis_highest_number(numbered regclass, start text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    highest integer;
BEGIN
    EXECUTE format(
        'SELECT max(substr(highest.reference, $2 + 1)::integer)
           FROM generate_series(1, 8) AS digits, LATERAL (
                SELECT reference FROM %s WHERE length(reference) = $2 + digits
                   AND (reference COLLATE "C") BETWEEN $1 || ''0'' AND $1 || ''99999999''
                   AND substr(reference, $2 + 1) ~ ''^[0-9]+$''
                 ORDER BY length(reference) DESC, (reference COLLATE "C") DESC LIMIT 1) AS highest', numbered)
    INTO highest USING start, length(start);
    RETURN COALESCE(highest, 0);
END $$;
"""
NEXT = """
CREATE FUNCTION parvis_next_reference(numbered regclass, start text, waits boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    kind integer := hashtext(numbered::text || '.reference');
    number integer := 0;
    reference text;
    is_taken boolean;
BEGIN
    IF waits THEN
        PERFORM pg_advisory_xact_lock(kind);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(kind);
    END IF;
    LOOP
        -- Beyond eight digits nothing is found, and the numbers are tried one after the other.
        number := greatest(parvis_highest_number(numbered, start), number) + 1;
        WHILE NOT waits AND NOT pg_try_advisory_xact_lock(kind, number) LOOP
            number := number + 1;
        END LOOP;
        reference := start || lpad(number::text, greatest(4, length(number::text)), '0');
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE reference = $1)', numbered) INTO is_taken USING reference;
        IF NOT is_taken THEN
            RETURN reference;
        END IF;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_systems")]

    operations = [
        # Columns beside words in one index of a search.
        BtreeGinExtension(),
        migrations.RunSQL(HIGHEST, "DROP FUNCTION parvis_highest_number(regclass, text);"),
        migrations.RunSQL(NEXT, "DROP FUNCTION parvis_next_reference(regclass, text, boolean);"),
    ]
