"""How numbers are shown."""

from __future__ import annotations

import pytest

from database.load.converters.number_formats import NumberFormat, of_code, of_id, shown


@pytest.mark.parametrize(
    ("code", "number", "wanted"),
    [
        ("General", 1234.5, "1234.5"),
        ("", 12.0, "12"),
        ("", 1e14, "100000000000000"),
        ("#,##0.00", 1234.5, "1234.50"),
        ("0", 2.6, "3"),
        ('"R$" #,##0.00;[Red]-"R$" #,##0.00', 7.5, "R$ 7.50"),
        ("[$€-407] #,##0.00", 7.5, "€ 7.50"),
        ("$#,##0", 7.0, "$ 7"),
        ("0.0%", 0.125, "12.5%"),
        ("dd/mm/yyyy", 46082, "2026-03-01"),
        ("yyyy-mm-dd hh:mm", 46082.75, "2026-03-01 18:00"),
        ("h:mm:ss AM/PM", 0.5, "12:00"),
        ("[h]:mm", 1.5, "36:00:00"),
        ("mmm/yy", 46082, "2026-03-01"),
        ('[$-416]d" de "mmmm" de "yyyy', 46082, "2026-03-01"),
        ("dd/mm/yyyy", -3, "-3"),
        ("dd/mm/yyyy", 1e300, "1e+300"),
        ('0" dias"', 30, "30"),
    ],
)
def test_numbers_are_shown_by_their_format(code: str, number: float, wanted: str) -> None:
    """Dates in one order, whatever the country; amounts with their currency; shares as shares."""
    assert shown(number, of_code(code)) == wanted


def test_formats_have_numbers() -> None:
    """Those that every workbook knows, and those of its own."""
    assert of_id(14, {}) == NumberFormat("date")
    assert of_id(10, {}) == NumberFormat("percent", 2)
    assert of_id(0, {}) == of_id(999, {}) == NumberFormat()
    assert of_id(164, {164: "0.000"}) == NumberFormat("number", 3)


def test_calendars_begin_in_1900_or_in_1904() -> None:
    """The first has a day that never was."""
    date = NumberFormat("date")
    assert shown(1, date) == "1900-01-01"
    assert shown(59, date) == "1900-02-28"
    assert shown(61, date) == "1900-03-01"
    assert shown(0, date, from_1904=True) == "1904-01-01"
