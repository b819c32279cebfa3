"""Legal marks of goods: shown only with a number of the right form, for a mark without one is a claim that nobody can check.

Forms: P-IRT 15 digits, written 13-2, the first 1..8 for the packaging, the next two for the kind of food; BPOM MD or ML and 12..15
digits; halal ID and 10..20 digits (BPJPH); NIB 13 digits. What the other digits mean is told differently by different offices.
"""

import re

from storefront.problems import Problem

_FORMS = {
    "pirt": re.compile(r"(?:P-?IRT)?([1-8](?!00)[0-9]{12})([0-9]{2})"),
    "bpom": re.compile(r"(?:BPOM(?:RI)?)?(MD|ML)([0-9]{12,15})"),
    "halal": re.compile(r"(ID)([0-9]{10,20})"),
    "nib": re.compile(r"(?:NIB)?([0-9]{13})()"),
}
MARKS = tuple(_FORMS)
_JOINTS = {"pirt": "-", "bpom": " ", "halal": "", "nib": ""}


def read(mark: str, text: str) -> str:
    """The number as it is written on a label; "" for none. Raises Problem of the mark's own field."""
    if mark not in _FORMS:
        raise Problem("form.unknown_choice", field="marks")
    plain = re.sub(r"[\s.:/]", "", text[:60]).upper()
    plain = plain if mark == "pirt" and plain.startswith("P-IRT") else plain.replace("-", "")
    plain = plain.replace("P-IRT", "").replace("-", "") if mark == "pirt" else plain
    if not plain:
        return ""
    found = _FORMS[mark].fullmatch(plain)
    if found is None or not plain.isascii() or len(text) > 60:
        raise Problem(f"mark.{mark}_wrong", field=f"mark_{mark}", typed=text.strip()[:40])
    return _JOINTS[mark].join(part for part in found.groups() if part)
