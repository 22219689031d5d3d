"""Balances: sums that triggers keep beside a record as each row is written, by whatever way, so that nobody adds up years of
rows to read a total.

Nothing else writes them. What they have to be is one query, by which they are filled where triggers slept, and proved.
"""

from dataclasses import dataclass

# Under "repeatable read" a transaction that waited for a lock still reads the sums as they were before it waited.
SEES_THE_OTHERS = """
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION 'Money is moved in a transaction that is "read committed" or "serializable".'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
"""


@dataclass(frozen=True)
class Balances:
    """A table with one row for each record: its key, and the columns that `sums` says the values of (SQL, by the same names)."""

    table: str
    key: str
    columns: tuple[str, ...]
    sums: str

    @property
    def _named(self) -> str:
        return ", ".join((self.key, *self.columns))

    def ended(self, key: str) -> str:
        """The statement of a trigger that takes the balance away with its record, before the record itself goes."""
        return f"DELETE FROM {self.table} WHERE {self.key} = {key};"

    def begun(self, key: str) -> str:
        """The statement of a trigger that adds the balance of a record that is there now."""
        return f"INSERT INTO {self.table} ({self._named}) SELECT {self._named} FROM ({self.sums}) s WHERE s.{self.key} = {key};"

    @property
    def emptied(self) -> str:
        """The statement of a trigger after which nothing is summed any more."""
        nothing = ", ".join(f"{name} = 0" for name in self.columns)
        return f"UPDATE {self.table} SET {nothing};"

    def moved(self, by: str) -> str:
        """The assignments of an UPDATE of the balances `b` that adds to each column what `by` says, e.g. `d.{}`."""
        return ", ".join(f"{name} = b.{name} + {by.format(name)}" for name in self.columns)

    @property
    def filled(self) -> str:
        """The statement that makes every balance what it has to be, also where it is missing."""
        anew = ", ".join(f"{name} = EXCLUDED.{name}" for name in self.columns)
        return (
            f"INSERT INTO {self.table} ({self._named}) SELECT {self._named} FROM ({self.sums}) s "
            f"ON CONFLICT ({self.key}) DO UPDATE SET {anew}"
        )

    @property
    def differences(self) -> str:
        """The query of the balances that are not what they have to be, are missing, or stand for no record: none, ever."""
        kept, summed = (", ".join(f"{of}.{name}" for name in self.columns) for of in ("kept", "s"))
        return (
            f"SELECT {self.key}, {kept}, {summed} FROM ({self.sums}) s FULL JOIN {self.table} kept USING ({self.key}) "
            f"WHERE ROW({kept}) IS DISTINCT FROM ROW({summed})"
        )
