"""Lists as files: any list of the API, as its reader sees it, in the formats of machines and of spreadsheet programs.

`listing` reads, `formats` writes, `services` prepares long ones in the background.
"""
