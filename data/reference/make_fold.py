"""Write fold.csv: what each Unicode code point becomes in a key.

Run by hand, rarely: a changed table changes the ids of articles. It prints the table of the
running Python's Unicode; `tests/parse/test_arabic.py` holds that the committed table is what it
makes of Unicode 14.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator

#: Letters that Unicode keeps apart and Arabic keyboards do not.
LETTERS = {
    "ٱ": "ا", "ٲ": "ا", "ٳ": "ا",  # alef with wasla, with wavy hamza
    "ى": "ي", "ی": "ي",  # alef maqsura, Persian yeh -> yeh
    "ک": "ك", "ڪ": "ك",  # Persian kaf, swash kaf -> kaf
    "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",  # teh marbuta, forms of heh -> heh
}  # fmt: skip
TATWEEL = "ـ"


def step(char: str) -> str:
    """One step of folding one character; `fold` repeats it until nothing changes."""
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return " "  # surrogates and noncharacters: no text
    if 0xAC00 <= code <= 0xD7A3:
        return char  # Hangul syllables stay whole
    decomposed = unicodedata.normalize("NFKD", char)
    if decomposed != char:
        return decomposed
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf") or char == TATWEEL:
        return ""
    if category[0] in "PSZ" or category == "Cc":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(char))
    return LETTERS.get(char) or char.casefold()


def fold(char: str) -> str:
    """The fold of one character, with no two spaces in a row."""
    text = char
    while (following := "".join(map(step, text))) != text:
        text = following
    return re.sub(" +", " ", text)


def rows() -> Iterator[str]:
    """The lines of the table: runs of code points that fold alike."""
    yield "first,last,rule,to"
    run: tuple[int, int, str, str] | None = None
    for code in [*range(sys.maxunicode + 1), -1]:
        text = fold(chr(code)) if code >= 0 else ""
        to = " ".join(f"{ord(c):04X}" for c in text)
        if code >= 0 and text == chr(code):
            continue
        rule = {"": "delete", " ": "space"}.get(text, "shift" if len(text) == 1 else "text")
        if (
            run is not None
            and code == run[1] + 1
            and rule == run[2] != "text"
            and (rule != "shift" or int(run[3], 16) + code - run[0] == ord(text))
        ):
            run = (run[0], code, rule, run[3])
            continue
        if run is not None:
            yield "{:04X},{:04X},{},{}".format(*run)
        run = (code, code, rule, to)


if __name__ == "__main__":
    sys.stdout.writelines(f"{row}\n" for row in rows())
