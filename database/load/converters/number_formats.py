"""How a spreadsheet shows a number: as a date, a share, an amount. The file itself holds the bare number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["number", "percent", "date", "time", "moment", "duration"]

# ECMA-376 part 1, 18.8.30: what the numbers below 164 mean; those left out show the number as it is.
_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    14: "d/m/y", 15: "d/mmm/y", 16: "d/mmm", 17: "mmm/y", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm",
    21: "h:mm:ss", 22: "d/m/y h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
}  # fmt: skip

_QUOTED = re.compile(r'"([^"]*)"')
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_DURATION = re.compile(r"\[[hms]+\]")
_BRACKETED = re.compile(r"\[[^\]]*\]|\\.|_.|\*.")
_CURRENCY_SIGNS = re.compile(r"R\$|US\$|[$€£¥]|\b(?:BRL|USD|EUR)\b")
_DECIMALS = re.compile(r"[0#?]\.([0?]+)")
_MOST_DECIMALS = 10
_MOST_WHOLE = 1e15  # from there on a double isn't exact


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """`decimals` is None where the number is shown with as many as it has."""

    kind: Kind = "number"
    decimals: int | None = None
    currency: str = ""


PLAIN = NumberFormat()


def of_id(id_: int, own: dict[int, str]) -> NumberFormat:
    """The format of this number; `own` are the ones that the workbook defines."""
    return of_code(own.get(id_) or _BUILT_IN.get(id_, ""))


def of_code(code: str) -> NumberFormat:
    """What a format's code says of positive numbers."""
    code = code.partition(";")[0]
    named = _CURRENCY.search(code)
    quoted = _CURRENCY_SIGNS.search(" ".join(_QUOTED.findall(code)))
    sign = named[1] if named else quoted[0] if quoted else ""
    if _DURATION.search(code):
        return NumberFormat("duration")
    bare = _BRACKETED.sub("", _QUOTED.sub("", code)).lower()
    if not sign and (plain := _CURRENCY_SIGNS.search(bare.upper())):
        sign = plain[0]
    if "%" in bare:
        return NumberFormat("percent", _decimals(bare) or 0)
    day, clock = bool(re.search(r"[dy]|mmm", bare)), bool(re.search(r"[hs]", bare))
    if day and clock:
        return NumberFormat("moment")
    if day or clock:
        return NumberFormat("date" if day else "time")
    return NumberFormat("number", _decimals(bare), sign.strip())


def shown(number: float, as_: NumberFormat, *, from_1904: bool = False) -> str:
    """The number as people read it: dates as 2026-03-01, and no separator between thousands."""
    if as_ == PLAIN and number.is_integer() and abs(number) < _MOST_WHOLE:
        return str(int(number))
    if as_.kind == "percent":
        return f"{number * 100:.{as_.decimals}f}%"
    if as_.kind == "duration":
        seconds = round(number * 86_400)
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if as_.kind != "number" and (moment := _moment(number, from_1904)):
        if as_.kind == "date":
            return moment.date().isoformat()
        clock = moment.strftime("%H:%M:%S").removesuffix(":00")
        return clock if as_.kind == "time" else f"{moment.date().isoformat()} {clock}"
    # 15 digits are what the program itself keeps.
    text = f"{number:.15g}" if as_.decimals is None else f"{number:.{as_.decimals}f}"
    return f"{as_.currency} {text}".strip()


def _decimals(code: str) -> int | None:
    if not re.search(r"[0#?]", code):
        return None
    found = _DECIMALS.search(code)
    return min(len(found[1]), _MOST_DECIMALS) if found else 0


def _moment(number: float, from_1904: bool) -> datetime | None:
    """Days since the first day of 1900, or of 1904; None where there is no such day."""
    # The first calendar counts a day that never was, 29 February 1900.
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if number >= 60 else 31)
    try:
        moment = start + timedelta(seconds=round(number * 86_400))
    except (OverflowError, ValueError):
        return None
    return moment if number >= 0 else None
