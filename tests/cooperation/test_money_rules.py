"""The rules of money, for any writes in any order: tried on sequences that nobody would think of."""

from collections import defaultdict
from contextlib import contextmanager
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import chain

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cooperation.enums import MovementKind, Nature
from cooperation.models import Framework, FundingLine, Movement, Project
from cooperation.selectors import money
from tests import factories as make

pytestmark = pytest.mark.django_db

# The fixtures are made once for all the examples, each of which is taken back at its end.
several = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = st.sampled_from(MovementKind.values)
DAYS = st.dates(date(2015, 1, 1), date(2015, 1, 4))
# Few values, so that sums meet exactly.
SIGNED = st.integers(-4, 4).filter(bool).map(lambda hundreds: Decimal(hundreds) * 100)
RATE = {"rate": Decimal("1.1"), "rate_on": date(2015, 1, 1)}
NO_RATE = {"rate": None, "rate_on": None}


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def accepted(write) -> bool:
    """Whether it is let in; what was written before stays either way."""
    try:
        with transaction.atomic():
            write()
    except (ValidationError, IntegrityError):
        return False
    return True


def eur(amount: Decimal, rate: Decimal | None) -> Decimal:
    """To the cent, halves away from zero, computed without ever rounding in between."""
    exact = Fraction(amount) / Fraction(rate or 1) * 100
    cents = abs(exact.numerator) * 2 // exact.denominator
    return Decimal((cents + 1) // 2) / 100 * (1 if exact >= 0 else -1)


# --- a line ---


def holds(movements) -> bool:
    """At the end of every day of every line: nothing below zero, and no more disbursed than committed."""
    for line in {line for line, *_ in movements}:
        for end in {day for _, _, day, _ in movements}:
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for other, kind, day, amount in movements:
                if other == line and day <= end:
                    sums[kind] += amount
            if min(sums.values(), default=0) < 0 or sums["disbursed"] > sums["committed"]:
                return False
    return True


MOVEMENT = st.tuples(st.integers(0, 1), KINDS, DAYS, SIGNED)
STEP = st.one_of(
    st.tuples(st.just("insert"), st.just(0), MOVEMENT),
    st.tuples(st.just("insert"), st.just(0), st.tuples(st.integers(0, 1), KINDS, DAYS, st.just(Decimal(400)))),
    st.tuples(st.just("update"), st.integers(0, 9), MOVEMENT),
    st.tuples(st.just("delete"), st.integers(0, 9), st.none()),
)
COMMIT = ("insert", 0, (0, "committed", date(2015, 1, 2), Decimal(400)))
PAY = ("insert", 0, (0, "disbursed", date(2015, 1, 2), Decimal(400)))


class TestLine:
    @pytest.fixture
    def lines(self):
        return [make.FundingLineFactory(), make.FundingLineFactory(currency="USD")]

    def values(self, lines, movement) -> dict:
        number, kind, day, amount = movement
        currency = lines[number].currency
        rated = NO_RATE if currency == "EUR" else RATE
        return {"line": lines[number], "kind": kind, "on": day, "amount": amount, "currency": currency, **rated}

    @several
    @given(steps=st.lists(STEP, max_size=12))
    @example(steps=[COMMIT, PAY, ("delete", 0, None)])
    @example(steps=[COMMIT, PAY, ("update", 0, (0, "committed", date(2015, 1, 3), Decimal(400)))])
    @example(steps=[COMMIT, PAY, ("update", 0, (1, "committed", date(2015, 1, 2), Decimal(400)))])
    @example(steps=[COMMIT, ("insert", 0, (0, "requested", date(2015, 1, 2), Decimal(-100)))])
    @example(steps=[COMMIT, ("insert", 0, (0, "committed", date(2015, 1, 1), Decimal(-100)))])
    def test_whatever_is_written_holds_and_the_model_says_what_the_database_does(self, lines, steps):
        with undone():
            held: dict[int, tuple] = {}
            for verb, place, movement in steps:
                key = sorted(held)[place % len(held)] if held and verb != "insert" else None
                if key is None and verb != "insert":
                    continue
                wanted = {**held, key: movement}
                if verb == "delete":
                    del wanted[key]
                fits = holds(wanted.values())
                values = self.values(lines, movement) if movement else {}
                if movement:
                    named = self.refused_fields(key, values)
                    assert named == [] if fits else named in (["amount"], ["line"])
                assert accepted(lambda v=verb, k=key, w=values: self.write(v, k, w)) == fits
                held = self.stored(lines)
                assert holds(held.values())

    def refused_fields(self, key, values) -> list[str]:
        """The field that the model names before the database is asked; nothing where it saves the record."""
        with undone():
            record = Movement.objects.get(pk=key) if key else Movement()
            for name, value in values.items():
                setattr(record, name, value)
            try:
                record.save()
            except ValidationError as refused:
                return list(refused.message_dict)
        return []

    def write(self, verb, key, values):
        """In bulk, so that the database alone judges."""
        if verb == "insert":
            Movement.objects.bulk_create([Movement(**values)])
        elif verb == "delete":
            Movement.objects.filter(pk=key).delete()
        else:
            Movement.objects.filter(pk=key).update(**values)

    def stored(self, lines) -> dict[int, tuple]:
        place = {line.pk: number for number, line in enumerate(lines)}
        rows = Movement.objects.values_list("pk", "line", "kind", "on", "amount")
        return {pk: (place[line], kind, day, amount) for pk, line, kind, day, amount in rows}

    def test_several_rows_in_one_statement_are_judged_together(self, lines):
        paid, covered = (
            Movement(**self.values(lines, (0, kind, date(2015, 1, 2), Decimal(400))))
            for kind in ("disbursed", "committed")
        )
        Movement.objects.bulk_create([paid, covered])
        assert Movement.objects.count() == 2

    def test_a_movement_takes_the_currency_of_its_line(self, lines):
        record = Movement(**self.values(lines, (1, "committed", date(2015, 1, 2), Decimal(400))))
        record.currency = "XOF"
        Movement.objects.bulk_create([record])
        assert Movement.objects.get().currency == "USD"


class TestEuros:
    @pytest.fixture
    def line(self):
        return make.FundingLineFactory(currency="USD")

    @several
    @given(
        amount=st.decimals("-99999999.99", "99999999.99", places=2).filter(bool),
        rate=st.decimals("0.001", "30000", places=6),
    )
    @example(amount=Decimal("0.01"), rate=Decimal(2))
    @example(amount=Decimal("-0.01"), rate=Decimal(2))
    @example(amount=Decimal("0.01"), rate=Decimal(30000))
    def test_another_currency_is_divided_by_its_rate_to_the_cent(self, line, amount, rate):
        with undone():
            moved = {"line": line, "kind": "committed", "on": date(2015, 1, 1), "rate_on": date(2015, 1, 1)}
            signed = [abs(amount), amount] if amount < 0 else [amount]
            Movement.objects.bulk_create(Movement(amount=each, rate=rate, **moved) for each in signed)
            assert [row.amount_eur for row in line.movements.all()] == [eur(each, rate) for each in signed]

    @pytest.mark.parametrize("amount", ["0.01", "1000", "999999999999.99"])
    def test_an_amount_in_euros_is_itself(self, amount):
        assert make.MovementFactory(amount=amount).amount_eur == Decimal(amount)

    def test_halves_go_away_from_zero(self):
        half = Decimal("0.005")
        assert eur(Decimal("0.01"), Decimal(2)) == half.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def test_a_rate_that_makes_more_euros_than_can_be_written_is_refused(self):
        with pytest.raises(ValidationError) as refused:
            make.MovementFactory(
                line__currency="USD",
                amount=Decimal("999999999999.99"),
                rate=Decimal("0.999999"),
                rate_on=date(2015, 1, 1),
            )
        assert list(refused.value.message_dict) == ["rate"]


# --- totals ---

LINE = st.tuples(
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from(Nature.values),
    st.sampled_from(["EUR", "USD", "XOF"]),
    st.lists(st.tuples(KINDS, st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)), max_size=5),
)
RATES = {"EUR": None, "USD": Decimal("1.0896"), "XOF": Decimal("655.957")}


class TestTotals:
    """`parts` are two parts of a whole and a project by itself."""

    @pytest.fixture
    def parts(self):
        whole = make.ProjectFactory()
        return [make.ProjectFactory(parent=whole), make.ProjectFactory(parent=whole), make.ProjectFactory()]

    @pytest.fixture
    def funder(self):
        return make.OrganisationFactory()

    def lines(self, parts, funder, drawn):
        """The lines as drawn; commitments come first, so that nothing stands in the way of a disbursement."""
        made = FundingLine.objects.bulk_create(
            FundingLine(
                project=parts[number],
                kind="foundation" if external else "own",
                organisation=funder if external else None,
                nature=nature,
                currency=currency,
                label=str(label),
            )
            for label, (number, external, nature, currency, _) in enumerate(drawn)
        )
        movements = [
            Movement(
                line=line,
                kind=kind,
                amount=amount,
                on=date(2015, 1, 1),
                rate=RATES[line.currency],
                rate_on=RATES[line.currency] and date(2015, 1, 1),
            )
            for line, (*_, moved) in zip(made, drawn, strict=True)
            for kind, amount in (*moved, *(("committed", paid) for kind, paid in moved if kind == "disbursed"))
        ]
        Movement.objects.bulk_create(movements)
        return movements

    @several
    @given(drawn=st.lists(LINE, max_size=6))
    def test_every_movement_counts_once_in_euros(self, deputy, parts, funder, drawn):
        with undone():
            moved = self.lines(parts, funder, drawn)

            def summed(kind, of=lambda line: True):
                counted = [m for m in moved if m.kind == kind and of(m.line)]
                return sum((eur(m.amount, RATES[m.line.currency]) for m in counted), Decimal(0))

            found = money.lines(deputy)
            totals = money.totals(chain(found, found))
            for kind in MovementKind:
                assert getattr(totals.all, kind) == summed(kind)
                assert getattr(totals.external, kind) == summed(kind, lambda line: line.kind != "own")
                assert getattr(totals.own, kind) == summed(kind, lambda line: line.kind == "own")
                assert getattr(totals.in_kind, kind) == summed(kind, lambda line: line.nature == "in-kind")
                for line in found:
                    own = [m.amount for m in moved if m.kind == kind and m.line == line]
                    assert getattr(line, kind) == sum(own)
                    assert getattr(line, f"{kind}_eur") == summed(kind, lambda other, it=line: other == it)

    @several
    @given(drawn=st.lists(LINE, max_size=6))
    def test_a_whole_is_the_sum_of_its_parts(self, deputy, parts, funder, drawn):
        with undone():
            moved = self.lines(parts, funder, drawn)
            rows = {row.pk: row for row in money.with_money(Project.objects.all(), deputy)}
            first, second, alone = (rows[part.pk] for part in parts)
            whole = rows[first.parent_id]
            for name in ("requested", "committed", "disbursed", "own_cash", "external_cash"):
                assert getattr(whole, name) == getattr(first, name) + getattr(second, name)
            everything = sum(
                (eur(m.amount, RATES[m.line.currency]) for m in moved if m.kind == "committed"), Decimal(0)
            )
            assert whole.committed + alone.committed == everything
            of_whole = money.totals(money.lines_of(deputy, whole)).all
            assert (of_whole.requested, of_whole.disbursed) == (whole.requested, whole.disbursed)


# --- framework agreements ---


@pytest.fixture
def framework():
    return make.FrameworkFactory(amount=None)


@pytest.fixture
def lines(framework):
    return [make.FundingLineFactory(kind="other", organisation=framework.funder) for _ in range(2)]


DRAW = st.one_of(
    st.tuples(st.just("commit"), st.integers(0, 1), SIGNED),
    st.tuples(st.just("commit"), st.integers(0, 1), st.sampled_from([Decimal(100), Decimal(400)])),
    st.tuples(st.just("take back"), st.integers(0, 1), st.none()),
    st.tuples(st.just("link"), st.integers(0, 1), st.booleans()),
    st.tuples(st.just("amount"), st.none(), st.sampled_from([None, Decimal(100), Decimal(400), Decimal(800)])),
)


@several
@given(steps=st.lists(DRAW, max_size=12))
@example(
    steps=[
        ("amount", None, Decimal(400)),
        ("link", 0, True),
        ("commit", 0, Decimal(400)),
        ("link", 1, True),
        ("commit", 1, Decimal(100)),
    ]
)
@example(steps=[("commit", 0, Decimal(400)), ("amount", None, Decimal(100)), ("link", 0, True)])
@example(steps=[("link", 0, True), ("commit", 0, Decimal(400)), ("amount", None, Decimal(100))])
def test_a_framework_is_never_drawn_beyond_its_amount(deputy, framework, lines, steps):
    with undone():
        amount, linked, committed = None, [False, False], [[], []]
        for verb, place, value in steps:
            wish_amount, wish_linked, wish = amount, [*linked], [[*moved] for moved in committed]
            if verb == "commit":
                wish[place].append(value)
            elif verb == "take back":
                wish[place] = []
            elif verb == "link":
                wish_linked[place] = value
            else:
                wish_amount = value
            used = sum(sum(moved) for moved, drawn in zip(wish, wish_linked, strict=True) if drawn)
            fits = min(map(sum, wish)) >= 0 and (wish_amount is None or used <= wish_amount)
            assert accepted(lambda v=verb, p=place, x=value: draw(framework, lines, v, p, x)) == fits
            if fits:
                amount, linked, committed = wish_amount, wish_linked, wish
        held = money.frameworks(deputy).get()
        assert held.used == sum(sum(moved) for moved, drawn in zip(committed, linked, strict=True) if drawn)
        assert held.left == (None if amount is None else amount - held.used)


def draw(framework, lines, verb, place, value):
    if verb == "commit":
        Movement.objects.bulk_create([Movement(line=lines[place], kind="committed", on=date(2015, 1, 1), amount=value)])
    elif verb == "take back":
        Movement.objects.filter(line=lines[place]).delete()
    elif verb == "link":
        FundingLine.objects.filter(pk=lines[place].pk).update(framework=framework if value else None)
    else:
        Framework.objects.filter(pk=framework.pk).update(amount=value)


# --- shares ---

CODES = ["14031", "14032", "14050", "99999"]
SHARE = st.one_of(st.sampled_from(["100", "50", "33.33", "33.34"]), st.decimals("0.01", "100", places=2).map(str))


@pytest.fixture
def _three_codes():
    for code in CODES[:3]:
        make.PurposeCodeFactory(code=code)


@pytest.mark.usefixtures("_three_codes")
@several
@given(shares=st.dictionaries(st.sampled_from(CODES), SHARE))
@example(shares={})
@example(shares={"14031": "100"})
@example(shares={"99999": "100"})
@example(shares={"14031": "33.33", "14032": "33.33", "14050": "33.34"})
@example(shares={"14031": "33.33", "14032": "33.33", "14050": "33.33"})
@example(shares={"14031": "50", "14032": "50.01"})
def test_shares_are_whole_and_their_codes_known(shares):
    fits = not shares or (sum(map(Decimal, shares.values())) == 100 and "99999" not in shares)
    with undone():
        assert accepted(make.ProjectFactory.build(purposes=shares).full_clean) == fits
        assert accepted(lambda: Project.objects.bulk_create([make.ProjectFactory.build(purposes=shares)])) == fits


@pytest.mark.usefixtures("_three_codes")
@pytest.mark.parametrize(
    "shares",
    [
        {"14031": "60", "14032": "30"},
        {"14031": "100", "14032": "0"},
        {"14031": "120", "14032": "-20"},
        {"14031": "99.999", "14032": "0.001"},
        {"14031": "sixty"},
        {"14031": True},
        {"14031": None},
        ["14031"],
        "14031",
        5,
    ],
)
def test_what_is_no_division_is_refused_with_its_field(shares):
    with pytest.raises(ValidationError) as refused:
        make.ProjectFactory(purposes=shares)
    assert list(refused.value.message_dict) == ["purposes"]
    with pytest.raises(Exception, match="purposes_whole|percentages|non-object|scalar|array"), transaction.atomic():
        Project.objects.bulk_create([make.ProjectFactory.build(purposes=shares)])


@pytest.mark.usefixtures("_three_codes")
def test_shares_are_kept_as_texts_in_the_order_of_their_codes():
    project = make.ProjectFactory(purposes={"14032": 40, "14031": "60,00"})
    project.refresh_from_db()
    assert list(project.purposes.items()) == [("14031", "60"), ("14032", "40")]


# --- bad input, with the field to mend ---

DOLLARS = {"line__currency": "USD", "rate": Decimal("1.1"), "rate_on": date(2015, 2, 2)}


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"on": date(2015, 6, 2)}, "on", "the date is in the future"),
        ({"amount": 0}, "amount", "A movement of nothing is no movement"),
        ({"kind": "disbursed", "amount": "12.5"}, "amount", r"by that day by 12.50? EUR"),
        ({"amount": -1}, "amount", "What is taken back never exceeds what was there"),
        ({"kind": "requested", "amount": -1}, "amount", "What is taken back never exceeds what was there"),
        ({"rate": 1}, "rate", "An amount in euros has no rate"),
        ({"rate_on": date(2015, 2, 2)}, "rate_on", "An amount in euros has no rate"),
        (DOLLARS | {"rate": None}, "rate", "needs its rate: units of the currency for one euro"),
        (DOLLARS | {"rate": 0}, "rate", "A rate is above 0"),
        (DOLLARS | {"rate_on": None}, "rate_on", "A rate needs its day"),
        (DOLLARS | {"rate_on": date(2015, 2, 3)}, "rate_on", "not after the movement"),
        ({"line__currency": "ZZZ"}, "currency", "There is no currency ZZZ"),
    ],
)
def test_bad_input_names_its_field(values, field, sentence):
    with pytest.raises(ValidationError, match=sentence) as refused:
        make.MovementFactory(**values)
    assert field in refused.value.message_dict


def test_a_framework_is_an_agreement_with_the_funder_of_the_line():
    framework = make.FrameworkFactory()
    with pytest.raises(ValidationError) as refused:
        make.FundingLineFactory(external=True, framework=framework)
    assert refused.value.message_dict == {"framework": ["The framework agreement is with another funder."]}
    with pytest.raises(ValidationError) as refused:
        make.FrameworkFactory(agreement=make.AgreementFactory(), funder=make.OrganisationFactory())
    assert list(refused.value.message_dict) == ["agreement"]
    with pytest.raises(ValidationError) as refused:
        make.FrameworkFactory(funder=make.OrganisationFactory())
    assert list(refused.value.message_dict) == ["funder"]


def test_drawing_beyond_a_framework_is_refused_with_a_sentence():
    framework = make.FrameworkFactory(amount=1000)
    line = make.FundingLineFactory(kind="other", organisation=framework.funder, framework=framework)
    with pytest.raises(ValidationError, match="does not have so much left"):
        make.MovementFactory(line=line, amount="1000.01")
