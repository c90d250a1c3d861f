"""Notes on how a sheet was read, for the summary of its result."""

from __future__ import annotations

from converter.message import N_

UNKNOWN = N_("Column {column} {title} is not known and was not used.")
UNKNOWN_NEAR = N_(
    "Column {column} {title} is not known and was not used. Did you mean '{near}'? Then rename "
    "the column."
)
UNKNOWN_SEVERAL = N_("{count} columns are not known and were not used: {columns}.")
LAYOUT_ROWS = N_("One row per item, order number in {column}: {orders} orders, {items} items.")
LAYOUT_NUMBERED = N_(
    "Numbered columns with several items in a row, order number in {column}: {orders} orders, "
    "{items} items."
)
LAYOUT_FORM = N_(
    "Labels with their values above the table, one row per item, order number in {column}: "
    "{orders} orders, {items} items."
)
LAYOUT_SHEETS = N_(
    "Orders and their lists on several sheets ({sheets}), order number in {column}: {orders} "
    "orders, {items} items."
)
HINT_ROW = N_("Row {rows} ({text} …) explains the columns and is no order; it was passed over.")
REPEATED_HEADER = N_("Row {rows} repeats the header and was passed over.")
NEW_COLUMN = N_("Column {column} {title} is new: the profile does not know it, so it was not used.")
LEFT_OUT = N_("Row {rows} of {sheet} was left out, as the profile says: {title} is {text}.")
NOT_IN_PROFILE = N_(
    "Sheets that may have orders too were not read, because the profile names others: {names}."
)
TOTAL_ROW = N_("Row {rows} ({text} …) is a total and was passed over.")
HIDDEN_INCLUDED = N_(
    "{count} rows with data are hidden in the sheet and were taken too, as you said: {rows}."
)
HIDDEN_EXCLUDED = N_(
    "{count} rows with data are hidden in the sheet and were left out, as you said: {rows}."
)
HIDDEN_COLUMN = N_(
    "Column {column} {title} is hidden in the sheet; its values are used all the same."
)
MERGED = N_("The value of merged cells counts for every row that they cover: {cells}.")
CONVERTED = N_("Column {column} {title} is in {unit}; its numbers were converted to {wanted}.")
SHARED = N_("Column {column} {title} has no number: it counts for every numbered item of its row.")
NOT_NEEDED = N_(
    "Column {column} {title} was not used, because {other} is what it may stand in for."
)
RECEIVERS = N_("Column {column} {title} was not used, because {other} is the receiver's.")
LABELS = N_("{count} values stand above the table and count for every row of it: {cells}.")
UNKNOWN_LABEL = N_("{cell} {title} above the table is not known and was not used.")
UNTITLED = N_("Column {column} has values but no title and was not used.")
