"""What is asked of both servers: of Parvis by its API, of the bare server by the SQL that gives the same."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote

TOKEN = "invented-token-of-the-bench"
NAMED = "p.id, p.reference, p.title_fr, p.title_en, p.stage"
PROJECT = f"{NAMED}, p.object_fr, p.object_en, p.purposes, p.updated_at"
TOTALS = """
    (SELECT sum(m.amount_eur) FROM cooperation_movement m JOIN cooperation_fundingline l ON l.id = m.line_id
     WHERE l.project_id = p.id AND m.kind = 'requested') AS requested,
    (SELECT sum(m.amount_eur) FROM cooperation_movement m JOIN cooperation_fundingline l ON l.id = m.line_id
     WHERE l.project_id = p.id AND m.kind = 'committed') AS committed,
    (SELECT sum(m.amount_eur) FROM cooperation_movement m JOIN cooperation_fundingline l ON l.id = m.line_id
     WHERE l.project_id = p.id AND m.kind = 'disbursed') AS disbursed
"""
PLACES = """
    (SELECT json_agg(json_build_object('role', pc.role, 'city', c.name_fr, 'country', k.name_fr))
     FROM cooperation_projectcity pc JOIN partnerships_city c ON c.id = pc.city_id
     JOIN partnerships_country k ON k.id = c.country_id WHERE pc.project_id = p.id) AS places
"""
LINES = """
    (SELECT json_agg(row_to_json(f)) FROM (
        SELECT l.id, l.kind, l.nature, l.organisation_id, (
            SELECT json_agg(row_to_json(m)) FROM cooperation_movement m WHERE m.line_id = l.id) AS movements, (
            SELECT json_agg(row_to_json(o)) FROM cooperation_forecast o WHERE o.line_id = l.id) AS forecasts
        FROM cooperation_fundingline l WHERE l.project_id = p.id ORDER BY l.id) f) AS funding_lines
"""
GRANT = (
    "id, reference, title_fr, title_en, beneficiary_id, year, stage, theme_id, crisis_id, received_on, "
    "amount_asked, amount_granted, deliberation_id, description, opinion, created_at, updated_at, version"
)
# What stands inside a row of the API stands inside a row here.
PARTS = """
    (SELECT json_agg(row_to_json(x)) FROM (SELECT id, grant_id, city_id, country_id, version, created_at, updated_at
     FROM solidarity_grantplace WHERE grant_id = g.id) x) AS places,
    (SELECT json_agg(row_to_json(x)) FROM (SELECT id, grant_id, envelope_id, service_id, amount, version, created_at, updated_at
     FROM solidarity_allocation WHERE grant_id = g.id) x) AS allocations,
    (SELECT sum(amount) FROM solidarity_payment WHERE grant_id = g.id) AS paid
"""
BODIES = """
    (SELECT json_agg(row_to_json(x)) FROM (SELECT id, project_id, organisation_id, role, version, created_at, updated_at
     FROM cooperation_projectorganisation WHERE project_id = p.id) x) AS bodies,
    (SELECT json_agg(row_to_json(x)) FROM (SELECT id, project_id, theme_id, version, created_at, updated_at
     FROM cooperation_projecttheme WHERE project_id = p.id) x) AS fields
"""
STEPS = """
    (SELECT json_agg(row_to_json(x)) FROM cooperation_projectstep x WHERE project_id = p.id) AS steps,
    (SELECT json_agg(row_to_json(x)) FROM cooperation_expertassignment x WHERE project_id = p.id) AS assignments,
    (SELECT json_agg(row_to_json(x)) FROM cooperation_resultindicator x WHERE project_id = p.id) AS indicators
"""
SOUGHT = "stage = 'in-payment' AND (title_fr ILIKE '%%eau%%' OR title_en ILIKE '%%eau%%')"

# The bare server's statements, by path; each takes one number and gives one JSON text.
STATEMENTS = {
    "/list": f"""SELECT json_build_object('count', (SELECT count(*) FROM cooperation_project), 'results',
        json_agg(row_to_json(r)))::text FROM (SELECT {NAMED}, {PLACES}, {TOTALS} FROM cooperation_project p
        WHERE %s > 0 ORDER BY p.reference DESC LIMIT 50) r""",
    "/record": f"""SELECT row_to_json(r)::text FROM (SELECT {PROJECT}, {PLACES}, {BODIES}, {TOTALS}, {STEPS}, {LINES}
        FROM cooperation_project p WHERE p.id = %s) r""",
    "/search": f"""SELECT json_build_object('count', (SELECT count(*) FROM solidarity_grant WHERE {SOUGHT}), 'results',
        json_agg(row_to_json(r)))::text FROM (SELECT {GRANT}, {PARTS} FROM solidarity_grant g WHERE {SOUGHT} AND %s > 0
        ORDER BY amount_granted DESC, id LIMIT 50) r""",
    "/totals": """SELECT json_agg(row_to_json(r))::text FROM (SELECT e.fund_id, extract(year FROM p.paid_on)::int AS year,
        sum(p.amount) AS paid FROM solidarity_payment p JOIN solidarity_allocation a ON a.id = p.allocation_id
        JOIN solidarity_envelope e ON e.id = a.envelope_id WHERE %s > 0 GROUP BY 1, 2) r""",
    "/deep": f"""SELECT json_agg(row_to_json(r))::text FROM (
        SELECT {GRANT}, {PARTS} FROM solidarity_grant g WHERE id > %s ORDER BY id LIMIT 50) r""",
    "/create": f"""INSERT INTO bench_grant (reference, title_fr, title_en, beneficiary_id, year, stage, received_on, amount_asked)
        SELECT upper(substr(gen_random_uuid()::text, 1, 20)), 'Titre inventé', '', %s, 2015, 'draft', DATE '2015-01-12', 60000
        RETURNING (SELECT row_to_json(r) FROM (SELECT {", ".join(f"bench_grant.{name.strip()}" for name in GRANT.split(","))}) r)::text""",
}
EXPORTED = ("reference", "title_fr", "title_en", "beneficiary", "year", "stage", "theme", "crisis", "received_on")
EXPORTED += ("amount_asked", "amount_granted", "deliberation", "description", "opinion")


@dataclass(frozen=True)
class Facts:
    """What the requests name: keys of the data that are there, and where the API's cursor leads."""

    projects: list[int]
    beneficiary: int
    deep_key: int
    deep_cursor: str


@dataclass(frozen=True)
class Workload:
    """`goal` is the least share of the bare server's requests per second at 16 connections; `kept` the least share of our own
    that is left with twenty times the data, where anything is asked of it. `is_counted` where most of the work is to count."""

    name: str
    bare: Callable[[Facts], Iterator[bytes]]
    ours: Callable[[Facts, str], Iterator[bytes]]
    goal: float
    kept: float = 0
    is_counted: bool = False


def get(address: str, token: str = "") -> bytes:
    allowed = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{allowed}\r\n".encode()


def post(address: str, body: bytes, token: str) -> bytes:
    head = (
        f"POST {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _same(address: str) -> Callable[[Facts, str], Iterator[bytes]]:
    return lambda facts, token: cycle([get(address, token)])


def _bare(path: str) -> Callable[[Facts], Iterator[bytes]]:
    return lambda facts: cycle([get(f"{path}?1")])


def _creating(facts: Facts, token: str) -> Iterator[bytes]:
    while True:
        given = {
            "title_fr": f"Titre inventé {uuid.uuid4().hex[:8]}",
            "beneficiary": facts.beneficiary,
            "year": 2015,
            "received_on": "2015-01-12",
            "amount_asked": "60000.00",
        }
        yield post("/api/v1/grants/", json.dumps(given).encode(), token)


WORKLOADS = [
    Workload(
        "list of 50 projects with names and totals",
        _bare("/list"),
        _same(
            "/api/v1/projects/?page_size=50&expand=places.city"
            "&fields=id,reference,title_fr,title_en,stage,places,requested,committed,disbursed"
        ),
        0.55,
        kept=0.9,
    ),
    Workload(
        "project with nested funding",
        lambda facts: cycle([get(f"/record?{key}") for key in facts.projects]),
        lambda facts, token: cycle([get(f"/api/v1/projects/{key}/", token) for key in facts.projects]),
        0.35,
        kept=0.9,
    ),
    Workload(
        "filtered, searched, ordered list with count",
        _bare("/search"),
        _same("/api/v1/grants/?stage=in-payment&q=eau&ordering=-amount_granted"),
        0.35,
        kept=0.5,
        is_counted=True,
    ),
    Workload(
        "totals by fund and year",
        _bare("/totals"),
        _same("/api/v1/envelopes/?fields=fund,year,paid,committed&page_size=200"),
        5,
        # None is lost: the rest is what two measurements differ by.
        kept=0.95,
    ),
    Workload(
        "deep page (by cursor)",
        lambda facts: cycle([get(f"/deep?{facts.deep_key}")]),
        lambda facts, token: cycle(
            [get(f"/api/v1/grants/?paging=cursor&page_size=50&cursor={quote(facts.deep_cursor)}", token)]
        ),
        0.5,
        kept=0.9,
    ),
    Workload("create one grant", lambda facts: cycle([get(f"/create?{facts.beneficiary}")]), _creating, 0.2),
]
