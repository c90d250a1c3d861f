"""What was repaired in a cell, and why that was certain."""

from __future__ import annotations

from converter.message import N_

KINDS: dict[str, str] = {
    "repaired_placeholder": N_("word that stands for nothing"),
    "repaired_encoding": N_("text read in a wrong encoding"),
    "repaired_escape": N_("web or line-break code in a text"),
    "repaired_wrapping": N_("sign that keeps a number as text"),
    "repaired_tail": N_(".0 behind a number"),
    "repaired_hs_code": N_("points in an HS code"),
    "repaired_emoji": N_("emoji"),
    "repaired_phone_in_name": N_("phone number in a name"),
    "repaired_phone_twice": N_("phone number that stands twice"),
    "repaired_two_phones": N_("two phone numbers in a cell"),
    "repaired_phone_form": N_("phone number with other signs"),
    "repaired_postcode": N_("postcode without its zeros"),
    "repaired_address": N_("address taken apart"),
    "repaired_word": N_("other word for a choice"),
    "repaired_battery_alone": N_("battery without a device"),
    "repaired_state": N_("state in another form"),
    "repaired_amount": N_("amount with a sign of money"),
    "repaired_number": N_("number with a comma or other signs"),
    "repaired_unit": N_("number with its unit"),
    "repaired_quantity": N_("quantity with a word"),
    "repaired_counted": N_("quantity of sets, boxes or the like"),
    "repaired_date": N_("date in another form"),
    "repaired_era": N_("date in another era"),
    "repaired_country": N_("country that carriers treat by itself"),
    "repaired_country_number": N_("number of a country"),
}
"""What each kind of repair is called where repairs are counted."""

SENTENCES: dict[str, str] = {
    "repaired_placeholder": N_("This stands for nothing: the cell counts as blank."),
    "repaired_encoding": N_("UTF-8 that was read as Latin-1 was turned back."),
    "repaired_escape": N_("Codes of web pages and line breaks became the signs they stand for."),
    "repaired_wrapping": N_("The sign that keeps programs from reading a number was removed."),
    "repaired_tail": N_("A spreadsheet program took it for a number and added .0."),
    "repaired_hs_code": N_("HS codes are sent without points."),
    "repaired_emoji": N_("Carriers refuse emoji: they were taken out."),
    "repaired_phone_in_name": N_("The phone number {phone} stood in the name."),
    "repaired_phone_twice": N_("The same number stood there twice; {left} was left out."),
    "repaired_two_phones": N_("{first} is the first of two numbers, {second} the other."),
    "repaired_phone_form": N_("The provider takes digits only."),
    "repaired_amount": N_("The sign of money was taken off the number."),
    "repaired_number": N_("The other numbers of the column tell how it is meant."),
    "repaired_unit": N_("{found} was converted to {unit}."),
    "repaired_quantity": N_("The counted word was taken off."),
    "repaired_counted": N_("The number of {word} was taken; declared pieces may differ."),
    "repaired_date": N_("The date was written as year, month, day."),
    "repaired_era": N_("The year was converted from the calendar of Japan, Taiwan or Thailand."),
    "repaired_country": N_("Carriers often treat {country} as a place of its own."),
    "repaired_country_number": N_("{found} is the ISO number of {country}."),
    "repaired_word": N_("The word means this choice."),
    "repaired_battery_alone": N_("Most lines refuse batteries without a device."),
    "repaired_state": N_("The provider asks for states in this form."),
    "repaired_address": N_("Province, city, district and street were told apart."),
    "repaired_postcode": N_("A spreadsheet program took the leading zeros of a code of {country}."),
}
"""Why a value was taken otherwise than it stands there; the value and the other come before."""
