"""Office Open XML packages: a zip file of XML parts, edited byte by byte.

Not with openpyxl, which loses what it does not know (extension lists, some charts and pictures)
when it saves a workbook, and takes thirty times as long.
"""
