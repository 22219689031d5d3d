"""Telling other systems, by signed messages to an address of theirs (Standard Webhooks 1.0).

A message is written in the transaction of what it tells of, and sent afterwards, until it is taken. Each system is served by
itself, so that one that is slow or gone delays nobody else.
"""
