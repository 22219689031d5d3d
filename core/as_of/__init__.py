"""Reading what was recorded up to a past day: every page, figure and rule as it stands, over the rows as they stood.

The schema `as_of` (`schema.py`) holds a view in the place of every record's table; `reading(day)` puts it in front of the
tables for one transaction (`reading.py`); `readable_as_of` lets a page be asked for with `?as_of=` (`pages.py`).
"""

from core.as_of.pages import readable_as_of
from core.as_of.reading import NotTold, reading

__all__ = ["NotTold", "readable_as_of", "reading"]
