"""Problems of cells and of whole sheets; where it stands is said before each of them."""

from __future__ import annotations

from converter.message import N_

OF_WARNINGS: dict[str, str] = {
    "rule_equal": N_("{problem} Check them.{because}"),
    "rule_at_least": N_("{problem} Check them.{because}"),
    "rule_at_most": N_("{problem} Check them.{because}"),
}
"""What is said otherwise where the order goes all the same."""

SENTENCES: dict[str, str] = {
    # -- issues: the cell and the column's title stand before these ----------------------------
    "required": N_("expected a value, found a blank cell. Fill it in."),
    "required_when": N_(
        "expected a value because {when}, found a blank cell. Fill it in.{because}"
    ),
    "column_required": N_(
        "expected a value, but the sheet has no such column. Add the column and fill it in."
    ),
    "column_required_when": N_(
        "expected a value because {when}, but the sheet has no such column. Add the column and "
        "fill it in.{because}"
    ),
    "want_integer": N_(
        "expected a whole number, found {found}. Type the number without other characters."
    ),
    "want_number": N_(
        "expected a number, found {found}. Type the number without unit or other characters."
    ),
    "formula_blank": N_(
        "{formula} needs all of its numbers, but found a blank cell among them. Fill it in."
    ),
    "formula_number": N_("{formula} needs a number, found {found}. Correct it."),
    "formula_array": N_("{formula} is an array where one value is needed. Correct the mapping."),
    "formula_zero": N_("{formula} divides by zero. Correct the number."),
    "formula_endless": N_(
        "{formula} has no exact result. The mapping has to say how it is rounded."
    ),
    "formula_decimals": N_(
        "{formula} takes no number with so many decimals as {found}. Correct it."
    ),
    "formula_currency": N_("{formula} needs a currency such as USD, found none. Type its code."),
    "formula_country": N_("{formula} needs a country such as US, found {found}. Correct it."),
    "want_choice": N_("expected one of {allowed}; found {found}.{near} Choose one of these."),
    "postcode_short": N_(
        "a postcode of {country} has {digits} digits, found {found}: leading zeros may be lost. "
        "Look it up; format the column as text and type it with its zeros."
    ),
    "postcode_form": N_(
        "expected a postcode of {country} such as {example}, found {found}. Check it."
    ),
    "phone_short": N_("{found} is too short for a phone number of {country}. Check it."),
    "phone_long": N_("{found} is too long for a phone number of {country}. Check it."),
    "phone_form": N_("{found} is no phone number of {country}. Check it."),
    "phone_hidden": N_(
        "some digits of the phone number {found} are hidden. Ask for the whole number."
    ),
    "want_country": N_(
        "expected a country such as US, 美国 or United States, found {found}.{near} "
        "Type the two-letter code."
    ),
    "want_currency": N_(
        "expected a currency such as USD or 美元, found {found}.{near} Type the three-letter code."
    ),
    "want_datetime": N_(
        "expected a date such as 2025-12-01 10:20:00, found {found}. "
        "Write year, month, day in this order."
    ),
    "no_such_time": N_(
        "the time {found} does not exist in {zone}: clocks are set ahead then. Correct the time."
    ),
    "time_twice": N_(
        "the time {found} occurs twice in {zone}: clocks are set back then. Say which one, as "
        "{first} or {second}."
    ),
    "too_long": N_("expected at most {max} characters, found {length}: {found}. Shorten it."),
    "want_above": N_("expected more than {bound}, found {found}. Correct the number."),
    "want_at_least": N_("expected {bound} or more, found {found}. Correct the number."),
    "want_at_most": N_("expected {bound} or less, found {found}. Correct the number."),
    "want_digits": N_("expected digits only, found {found}. Remove the other characters."),
    "want_phone": N_(
        "expected a phone number of digits, blanks, + and -, found {found}. Correct it."
    ),
    "want_latin": N_("the provider wants this in English, found {found}. Translate it."),
    "want_email": N_("expected an email address, found {found}. Correct it."),
    "want_url": N_(
        "expected a web address that begins with http:// or https://, found {found}. Correct it."
    ),
    "want_hex32": N_(
        "expected 32 characters of 0-9 and a-f, found {found}. Copy it again from the product page."
    ),
    "want_base64": N_("expected Base64 text, found {found}. Paste the encoded content again."),
    "control_character": N_(
        "found a character that cannot be seen or printed in {found}. Type the text again."
    ),
    "cell_error": N_(
        "found an Excel error (such as #N/A) instead of a value. "
        "Repair the formula or type the value."
    ),
    "cell_no_value": N_(
        "found a formula that was never calculated. Open the file in Excel and save it again."
    ),
    "cell_rounded": N_(
        "found a number of more than 15 digits, which Excel has already rounded. "
        "Set the cell to text and type the number again."
    ),
    "exponent": N_(
        "found {found}: a long number of which Excel has kept only the first digits. "
        "Set the cells to text and type or copy the number again."
    ),
    "cell_date": N_(
        "found a date where text is wanted; Excel may have turned the typed text into a date. "
        "Set the cell to text and type it again."
    ),
    "cell_masked": N_(
        "the platform has masked this, and nothing here can restore it. "
        "Export the orders again with the receivers shown, or type it."
    ),
    "text_lost": N_(
        "letters of {found} are lost, and nothing here can restore them. Export or save the file "
        "again as UTF-8, or type the text."
    ),
    "text_garbled": N_(
        "{found} looks garbled; it may be {likely}. Save the file again as UTF-8, say --encoding "
        "where it is a text file, or type the text."
    ),
    "placeholder": N_("expected a value, found {found}, which stands for none. Type the value."),
    "as_above": N_("found {found}. Repeat the value of the row above in this cell."),
    "not_known_yet": N_("found {found}, which is no value yet. Type it once it is known."),
    "said_elsewhere": N_("found {found}, which only says where to look. Type the value itself."),
    "country_georgia": N_(
        "{found} is a country (GE) and a state of the US. Type GE, or US with GA as the state."
    ),
    "country_is_city": N_(
        "{found} is the city of this order and no country. Type the country's two-letter code."
    ),
    "country_na": N_(
        "found {found}, which may be Namibia or mean that there is none. Type the country's name."
    ),
    "name_with_phone": N_(
        "found the number {phone} in the name, and another one, {other}, in the phone column. "
        "Leave the one that is right in the phone column, and the name alone here."
    ),
    "battery_not_said": N_(
        "found {found}, which does not say whether there is a battery. Say yes or no."
    ),
    "number_unclear": N_(
        "{found} can be read in two ways, and no other number of the column tells which. Type it "
        "without a sign between thousands and with a point before decimals."
    ),
    "amount_currency": N_(
        "{found} is in another currency than the one stated, {currency}. Correct one of them."
    ),
    "country_several": N_(
        "{found} may be one of several countries: {countries}. Type the two-letter code."
    ),
    "contact_unclear": N_(
        "it is not certain which part of {found} is the name, the phone number and the address. "
        "Write one receiver as name, phone, address with commas between, or fill columns of their "
        "own."
    ),
    "address_unclear": N_(
        "it is not certain which province and city {found} is in. Begin it with both, as in "
        "浙江省杭州市西湖区, or fill the columns of province and city."
    ),
    "line_unclear": N_(
        "the city and the postcode of {found} are not certain. Write it as in 12 Main St, Austin, "
        "TX 78701 or Musterstr. 5, 10115 Berlin, with the country in its column, or fill columns "
        "of city and postcode."
    ),
    "address_differs": N_(
        "the address names {found}, but the column of its own says {other}. Correct one of them."
    ),
    "postcode_lost_zeros": N_(
        "a postcode of {country} has {digits} digits, found {found}: leading zeros may be lost, "
        "and the state does not prove it. Look it up and type it as text."
    ),
    "cell_division": N_(
        "found the total of a line that its quantity does not divide. Type the price of one piece."
    ),
    "want_file": N_(
        "expected a picture in the cell, a file's name with its ending or Base64 text "
        "({types}), found {found}. Give one of these."
    ),
    "file_missing": N_(
        "expected the file {found} in the folder {folder}, found none. "
        "Put it there, or say --files DIR."
    ),
    "file_outside": N_(
        "expected a file inside the folder {folder}, found {found}, which leads out of it. "
        "Put the file into the folder and write its name alone."
    ),
    "file_link": N_(
        "expected a file inside the folder {folder}, found {found}, which is or passes a link. "
        "Put the file itself there."
    ),
    "file_not_plain": N_(
        "expected a file, found that {found} in the folder {folder} is a folder or a device. "
        "Write the name of a file."
    ),
    "file_unreadable": N_(
        "expected a file that may be read, found that {found} in the folder {folder} may not. "
        "Change its permissions, or copy it."
    ),
    "file_large": N_(
        "expected a file of at most {max}, found {found} with {size}. Make it smaller."
    ),
    "file_type": N_(
        "expected a file with the content of {types}, found {found} with the content of {kind}. "
        "Save it as one of these."
    ),
    "file_ending": N_(
        "expected a name that ends as its content does, found {found} with the content of "
        "{kind}. Rename the file, or take the right one."
    ),
    "picture_large": N_(
        "expected a picture of at most {max}, found one of {size}. "
        "Compress the pictures in Excel or WPS."
    ),
    "picture_type": N_(
        "expected a picture of {types}, found one of {kind}. Save it as one of these and "
        "insert it again."
    ),
    "picture_several": N_(
        "expected one picture in the cell, found {count}. Delete or move the others."
    ),
    "picture_and_text": N_(
        "expected a picture or a text, found a picture and {found} in one cell. Remove one."
    ),
    "picture_lost": N_(
        "expected a picture, found one that is not in this workbook: it was only linked, or was "
        "lost on copying. Insert it again."
    ),
    "picture_address": N_(
        "found the web address {found}; the provider takes only the content, so this is not "
        "sent. Insert the picture, or write a file's name."
    ),
    "base64_doubt": N_(
        "{found} is sent as Base64, but is not the content of {types}. If it is the name of a "
        "file, write it with its ending, such as .{ending}."
    ),
    "ending_disagrees": N_(
        "expected .{kind} as the content is, found {found}. Correct it, or leave it blank."
    ),
    "row_ragged": N_(
        "the row has more or fewer cells than the header and the other rows, so its values may "
        "stand in the wrong columns. Put texts that hold the separator in quotation marks, and "
        "see that no separator is missing."
    ),
    "no_reference": N_(
        "expected the order's reference, found a blank cell in a row with data that cannot be "
        "told to belong to the order above. Fill it in."
    ),
    "joins_nothing": N_(
        "expected a reference that stands in column {column} of the sheet {sheet}, found {found}, "
        "which is not there. Correct it, or add the order."
    ),
    "currency_disagrees": N_(
        "expected {currency} as the title of column {column} {title} says, found {found}. "
        "Correct the title or the currency."
    ),
    "order_cancelled": N_(
        "the order seems to be cancelled: found {found}. Delete its rows, or say in a profile, "
        "under Leave out rows, which words leave an order out; to send it, empty this cell."
    ),
    "merged_across": N_(
        "the cells {cells} are merged over several columns, so nobody can tell which of them the "
        "value is for. Unmerge them and fill in each."
    ),
    "merged_count": N_(
        "expected a number on every line, found one for the merged cells {cells}. "
        "Unmerge them and fill in each."
    ),
    "disagrees": N_(
        "expected {first} as in {cell} of the same order, found {found}. Make them equal, "
        "or give the rows different references."
    ),
    "want_one_of": N_("expected one of {names}, found both blank. Fill in one of them.{because}"),
    "want_only_one_of": N_("expected only one of {names}, found more. Empty the others.{because}"),
    "not_among": N_(
        "expected one of the numbers in {names} of the same order, found {found}. "
        "Correct the number, or add the missing line.{because}"
    ),
    "rule_equal": N_("{problem} Correct what is wrong.{because}"),
    "rule_at_least": N_("{problem} Correct what is wrong.{because}"),
    "rule_at_most": N_("{problem} Correct what is wrong.{because}"),
    "rule_near": N_("{problem} Check them.{because}"),
    "no_entries": N_("expected at least one line with {list} for this order, found none. Add one."),
    "no_key": N_(
        "expected a number because the order has several of these, found a blank cell. "
        "Number them: rows with the same number are one."
    ),
    "key_twice": N_(
        "expected a value of its own for every line of the order, found {found} again. Make them "
        "different, or give the rows one line."
    ),
    "no_split_name": N_(
        "expected a name because the order has lines of several, found a blank cell. Fill it in: "
        "the order is sent in one part for each."
    ),
    "part_collides": N_(
        "this order is sent in parts, and one of them would be called {found}, which is another "
        "order's reference. Rename one of the two."
    ),
    "alike": N_(
        "the reference {found} differs from {other} only in case or width. "
        "Check that they are two orders."
    ),
    "row_repeats": N_("the row repeats row {row} exactly. Delete it if it was copied by mistake."),
    "provider_says": N_(
        "the provider refused the order: {why} Correct this cell and submit again."
    ),
    "line_not_made": N_(
        "the provider did not make this line: {why} The other lines of the order exist there."
    ),
    "product_unknown": N_(
        "expected an SKU of {table}, found {found}, and these are blank: {fields}. Add the SKU "
        "there, or fill them in here."
    ),
    "product_blank": N_(
        "{table} has no {field} for this SKU in row {row}, and the sheet has none. Fill it in at "
        "either place."
    ),
    "product_currency": N_(
        "the price in {table} is in {currency}, but the order says {found}. Make the two agree."
    ),
    "results_sandbox": N_("SANDBOX — nothing real was sent"),
    # -- notes on the whole sheet --------------------------------------------------------------
}
