"""A profile as a workbook that a clerk fills in: one line for each field, in their language."""
