"""The map of the cities to which something ties ours: projected and placed here, drawn as SVG for the page and for paper."""
