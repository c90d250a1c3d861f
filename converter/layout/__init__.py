"""The order table of a file: which sheets it is on, how it is laid out, and its lines.

Whatever the layout, one line of the table is one item, or one box, or one row of order cells:
numbered columns become a line for each number, and sheets of one workbook are joined by the
order's reference.
"""

from converter.layout.find import find_table, order_sheets

__all__ = ["find_table", "order_sheets"]
