"""What the movements of each project come to, in EUR: kept by triggers as each movement, line and project is written.

The money of a part counts in its whole's balance too. Whoever moves money locks balances first, those of wholes before
those of parts, each by its number, then the line: so two at once wait, lose nothing, and do not collide.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.balances import SEES_THE_OTHERS, Balances
from core.constraints import check

# Which movements `m` of the lines `l` each column sums.
_CASH = "m.kind = 'committed' AND l.nature = 'cash'"
SUMMED = {
    "requested": "m.kind = 'requested'",
    "committed": "m.kind = 'committed'",
    "disbursed": "m.kind = 'disbursed'",
    "own_cash": f"{_CASH} AND l.kind = 'own'",
    "external_cash": f"{_CASH} AND l.kind <> 'own'",
}


def _summed(amount: str) -> str:
    return ", ".join(f"COALESCE(sum({amount}) FILTER (WHERE {of}), 0) AS {name}" for name, of in SUMMED.items())


# What the balances have to be: the sums themselves.
SUMS = f"""
    SELECT counted.project_id, count(m.id)::int AS movements, {_summed("m.amount_eur")}
    FROM (
        SELECT id AS project_id, id AS part_id FROM cooperation_project UNION ALL
        SELECT w.id, p.id FROM cooperation_project p JOIN cooperation_project w ON w.id = p.parent_id
    ) counted LEFT JOIN cooperation_fundingline l ON l.project_id = counted.part_id
    LEFT JOIN cooperation_movement m ON m.line_id = l.id GROUP BY counted.project_id
"""
KEPT = Balances("cooperation_balance", "project_id", ("movements", *SUMMED), SUMS)


def locked(projects: str) -> str:
    """Holds the balances of these projects and of their wholes until the transaction ends.

    Each statement of a trigger sees what was written before it began: what is read after this is what those who held the
    balances before have left.
    """
    return f"""
    {SEES_THE_OTHERS}
    PERFORM 1 FROM cooperation_balance b JOIN cooperation_project w ON w.id = b.project_id WHERE w.id IN (
        SELECT unnest(ARRAY[p.id, p.parent_id]) FROM cooperation_project p WHERE p.id IN ({projects}))
        ORDER BY w.parent_id IS NOT NULL, w.id FOR NO KEY UPDATE OF b;
    """


def _counted(moved: str) -> str:
    """Adds to balances what the movements `m` of the lines `l` in `moved` bring or, where their `sign` is -1, take away."""
    return f"""
    UPDATE cooperation_balance b SET {KEPT.moved("d.{}")} FROM (
        SELECT counted.project_id, sum(sign) AS movements, {_summed("sign * m.amount_eur")}
        FROM {moved} JOIN cooperation_project p ON p.id = l.project_id
        CROSS JOIN LATERAL unnest(ARRAY[p.id, p.parent_id]) AS counted(project_id) GROUP BY counted.project_id
    ) d WHERE b.project_id = d.project_id;
    """


# OLD is null where a row is new, NEW where it is gone: each then brings nothing.
LINES_OF_MOVEMENT = "SELECT l.project_id FROM cooperation_fundingline l WHERE l.id IN (OLD.line_id, NEW.line_id)"
_OF_MOVEMENT = """
    (VALUES (OLD.line_id, OLD.kind, OLD.amount_eur, -1), (NEW.line_id, NEW.kind, NEW.amount_eur, 1))
    AS m(line_id, kind, amount_eur, sign) JOIN cooperation_fundingline l ON l.id = m.line_id
"""
MOVEMENT_COUNTED = f"""
    IF TG_OP = 'UPDATE' AND (OLD.line_id, OLD.kind, OLD.amount_eur) = (NEW.line_id, NEW.kind, NEW.amount_eur) THEN
        RETURN NULL;
    END IF;
    {locked(LINES_OF_MOVEMENT)}
    {_counted(_OF_MOVEMENT)}
    RETURN NULL;
"""

_OF_LINE = """
    (VALUES (OLD.id, OLD.project_id, OLD.kind, OLD.nature, -1), (NEW.id, NEW.project_id, NEW.kind, NEW.nature, 1))
    AS l(id, project_id, kind, nature, sign) JOIN cooperation_movement m ON m.line_id = l.id
"""
# Whoever adds a movement holds the line, so that none is overlooked.
LINE_COUNTED = f"""
    IF TG_OP = 'UPDATE' AND (OLD.id, OLD.project_id, OLD.kind, OLD.nature)
        IS NOT DISTINCT FROM (NEW.id, NEW.project_id, NEW.kind, NEW.nature) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM cooperation_movement WHERE line_id IN (OLD.id, NEW.id)) THEN
        RETURN NULL;
    END IF;
    {locked("OLD.project_id, NEW.project_id")}
    {_counted(_OF_LINE)}
    RETURN NULL;
"""

# What a part brings to its whole moves with it. The part is held last, like everywhere, though it may be a whole now.
_PART_MOVED = f"""
    {SEES_THE_OTHERS}
    PERFORM 1 FROM cooperation_balance b WHERE b.project_id IN (OLD.parent_id, NEW.parent_id, OLD.id, NEW.id)
        ORDER BY b.project_id IN (OLD.id, NEW.id), b.project_id FOR NO KEY UPDATE;
    UPDATE cooperation_balance b SET {KEPT.moved("w.sign * part.{}")}
        FROM cooperation_balance part, (VALUES (OLD.parent_id, -1), (NEW.parent_id, 1)) AS w(id, sign)
        WHERE part.project_id IN (OLD.id, NEW.id) AND b.project_id = w.id;
"""
PROJECT_BEGINS = f"""
    {KEPT.begun("NEW.id")}
    IF NEW.parent_id IS NOT NULL THEN
        {_PART_MOVED}
    END IF;
    RETURN NULL;
"""
PROJECT_MOVES = f"{_PART_MOVED} RETURN NULL;"
PROJECT_ENDS = f"""
    IF OLD.parent_id IS NOT NULL THEN
        {_PART_MOVED}
    END IF;
    {KEPT.ended("OLD.id")}
    RETURN OLD;
"""
ALL_TAKEN_AWAY = f"{KEPT.emptied} RETURN NULL;"


def euros(label) -> Any:
    return models.DecimalField(label, max_digits=18, decimal_places=2, db_default=0)


class Balance(models.Model):
    """What the movements of a project and of its parts come to (EUR), and how many they are: without any, the sums are not
    known rather than 0.

    Written by triggers alone; `SUMS` says what it has to be.
    """

    # The database's trigger takes it away with its project: nobody is asked about it.
    project = models.OneToOneField(
        "cooperation.Project", models.DO_NOTHING, primary_key=True, related_name="balance", verbose_name=_("project")
    )
    movements = models.IntegerField(_("movements of money"), db_default=0)
    requested = euros(_("requested from all funders (EUR)"))
    committed = euros(_("committed by all funders (EUR)"))
    disbursed = euros(_("disbursed by all funders (EUR)"))
    own_cash = euros(_("committed in cash by the City (EUR)"))
    external_cash = euros(_("committed in cash by others (EUR)"))

    class Meta:
        verbose_name = _("balance of a project")
        verbose_name_plural = _("balances of projects")
        constraints = [
            check(
                "cooperation_balance_of_movements",
                Q(movements__gt=0) | Q(movements=0, **dict.fromkeys(SUMMED, 0)),
                _("Without movements of money there is nothing to sum."),
            )
        ]

    def __str__(self):
        return str(self.project)
