"""Ten thousand reminders while workers, broker and database are killed: `make drill`; a smaller one is in tests/reminders."""
