"""Order sheets into a provider's system, safely, with one answer per order.

    import converter

    converter.template("scexpress", "orders.xlsx", example=True)
    report = converter.submit("orders.xlsx", provider="scexpress", sandbox=True)
    for order in report.orders:
        print(order.reference, order.status, order.provider_order_no)

Nothing is ever asked on a terminal, and what stops a run is a ConverterError. The command line
is a view of these functions.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from converter.version import __version__

if TYPE_CHECKING:
    from converter.api import (
        SheetOptions,
        cancel,
        check,
        convert,
        delete_profile,
        describe,
        explain,
        export,
        keep_profile,
        list_profiles,
        new_profile,
        providers,
        reconcile,
        refresh,
        show,
        status,
        submit,
        template,
    )
    from converter.checks.schema import schema_for
    from converter.errors import (
        AccountBusy,
        ConverterError,
        JournalError,
        MappingError,
        OutputError,
        SettingsError,
        SheetError,
        UsageError,
    )
    from converter.exit_codes import Exit
    from converter.mapping.listing import ListedProvider, ListedSetting
    from converter.model import Cell, Issue, Order, Result, Status
    from converter.profiles.model import Profile
    from converter.report import Report
    from converter.runs.cancel_plan import CancelPlan
    from converter.runs.convert import Conversion, ConvertedRequest
    from converter.runs.history import History
    from converter.runs.proposal import Proposal

logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "AccountBusy",
    "CancelPlan",
    "Cell",
    "Conversion",
    "ConvertedRequest",
    "ConverterError",
    "Exit",
    "History",
    "Issue",
    "JournalError",
    "ListedProvider",
    "ListedSetting",
    "MappingError",
    "Order",
    "OutputError",
    "Profile",
    "Proposal",
    "Report",
    "Result",
    "SettingsError",
    "SheetError",
    "SheetOptions",
    "Status",
    "UsageError",
    "__version__",
    "cancel",
    "check",
    "convert",
    "delete_profile",
    "describe",
    "explain",
    "export",
    "keep_profile",
    "list_profiles",
    "new_profile",
    "providers",
    "reconcile",
    "refresh",
    "schema_for",
    "show",
    "status",
    "submit",
    "template",
]

_PLACES = {
    "api": ("SheetOptions", "cancel", "check", "convert", "delete_profile", "describe", "explain",
            "export", "keep_profile", "list_profiles", "new_profile", "providers", "reconcile",
            "refresh", "show", "status", "submit", "template"),
    "checks.schema": ("schema_for",),
    "errors": ("AccountBusy", "ConverterError", "JournalError", "MappingError", "OutputError",
               "SettingsError", "SheetError", "UsageError"),
    "exit_codes": ("Exit",),
    "mapping.listing": ("ListedProvider", "ListedSetting"),
    "model": ("Cell", "Issue", "Order", "Result", "Status"),
    "profiles.model": ("Profile",),
    "report": ("Report",),
    "runs.cancel_plan": ("CancelPlan",),
    "runs.convert": ("Conversion", "ConvertedRequest"),
    "runs.history": ("History",),
    "runs.proposal": ("Proposal",),
}  # fmt: skip
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}


if not TYPE_CHECKING:  # a type checker would take every name for a public one

    def __getattr__(name: str) -> Any:
        """Load a public name when it is first used, so that the import itself costs nothing."""
        if name not in _PLACE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
