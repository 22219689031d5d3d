"""The report to the Council: what it states of a period, from records; frozen when it is adopted; compared with the last."""
