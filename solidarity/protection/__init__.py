"""People under threat: their files, who may open them, and the alarm when somebody must. The only rooms that know them."""
