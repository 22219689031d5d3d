"""How wide a text is, in the face of the pages: read from the font itself, so that labels are placed on measures, not on guesses.

The tables are those of OpenType 1.9 (`cmap` format 4, `head`, `hhea`, `hmtx`). Kerning is left out: it makes texts narrower, so a label takes
at most the room that it was given.
"""

from functools import cache
from struct import unpack_from

from core.pdf import FONTS

FACE = FONTS / "SourceSans3-Regular.otf"
# A letter that the face does not have is drawn by another one: no letter of ours is wider than this.
WIDEST = 1.0


def width(text: str, size: float) -> float:
    """The width of a line of text, in the unit of its size."""
    advances = _advances()
    return size * sum(advances.get(ord(letter), WIDEST) for letter in text)


@cache
def _advances() -> dict[int, float]:
    """Each letter's width as a part of the size."""
    font = FACE.read_bytes()
    (count,) = unpack_from(">H", font, 4)
    tables = {name: at for name, _sum, at, _length in (unpack_from(">4sIII", font, 12 + 16 * n) for n in range(count))}
    (unit,) = unpack_from(">H", font, tables[b"head"] + 18)
    (measured,) = unpack_from(">H", font, tables[b"hhea"] + 34)
    widths = [unpack_from(">H", font, tables[b"hmtx"] + 4 * glyph)[0] / unit for glyph in range(measured)]
    return {letter: widths[min(glyph, measured - 1)] for letter, glyph in _glyphs(font, tables[b"cmap"]).items()}


def _glyphs(font: bytes, cmap: int) -> dict[int, int]:
    """The glyph of each letter of the Basic Multilingual Plane."""
    (count,) = unpack_from(">H", font, cmap + 2)
    records = (unpack_from(">HHI", font, cmap + 4 + 8 * n) for n in range(count))
    at = next(cmap + start for platform, encoding, start in records if (platform, encoding) == (3, 1))
    segments = unpack_from(">H", font, at + 6)[0] // 2

    def column(number: int, kind: str = "H") -> tuple[int, ...]:
        # A word is left free between the first and the second column.
        return unpack_from(f">{segments}{kind}", font, at + 14 + 2 * segments * number + (2 if number else 0))

    ends, starts, deltas, offsets = column(0), column(1), column(2), column(3)
    found: dict[int, int] = {}
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for letter in range(start, min(end, 0xFFFE) + 1):
            glyph = letter
            if offsets[n]:
                place = at + 16 + 2 * (3 * segments + n) + offsets[n] + 2 * (letter - start)
                (glyph,) = unpack_from(">H", font, place)
                if not glyph:
                    continue
            found[letter] = (glyph + deltas[n]) % 0x10000
    return found
