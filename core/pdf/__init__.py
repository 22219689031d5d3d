"""PDF that screen readers can follow: typst templates, filled with data that is text to them and never code.

Tagged as PDF/UA-1 (ISO 14289-1) asks, in the fonts that stand beside this file, on A4.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from core import clock
from core.translated import active_language

FONTS = Path(__file__).parent / "fonts"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def render(template: Path, data: Mapping[str, Any]) -> bytes:
    """The document in the active language. The template reads `data` as JSON from `sys.inputs.data`, the language from
    `sys.inputs.language`; it can read no file outside of Parvis."""
    compiler = typst.Compiler(root=str(settings.BASE_DIR), font_paths=_fonts())
    made = compiler.compile(
        str(template),
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(clock.now().timestamp()),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "language": active_language()},
    )
    assert isinstance(made, bytes)  # several files are made of pictures only
    return made
