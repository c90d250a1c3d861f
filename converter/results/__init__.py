"""The result workbook: an answer for every order, beside the customer's own sheet, marked."""

from converter.results.content import SANDBOX
from converter.results.order_sheet import OrderSheet, order_sheet_of
from converter.results.properties import is_untouched
from converter.results.results_page import STATUS_TITLE, reference_column
from converter.results.save import check_writable, write
from converter.results.summary_page import FACTS
from converter.results.target import beside_numbers, default_target, default_targets

__all__ = [
    "FACTS",
    "SANDBOX",
    "STATUS_TITLE",
    "OrderSheet",
    "beside_numbers",
    "check_writable",
    "default_target",
    "default_targets",
    "is_untouched",
    "order_sheet_of",
    "reference_column",
    "write",
]
