"""A workbook as it lies on the disk: a zip file of XML parts."""
