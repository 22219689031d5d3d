"""Reminders: what falls due is entered in a ledger, written for each person, and sent.

`scan` enters, `writing` words and gathers, `sending` sends; `health` says whether they do. Each step can be cut off
anywhere and started again, by several workers at once: the database holds what was done, and a lock what is being done.
"""
