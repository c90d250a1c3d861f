"""Which calls about accepted orders may be used: one rule for them all."""

from __future__ import annotations

import re

from converter.errors import SettingsError, UsageError
from converter.mapping.calls import CALLS, Documented
from converter.mapping.model import ProviderMapping
from converter.message import COMMA, N_, Message, join, t
from converter.settings import Settings

OFF = N_(
    "{provider} does not document {call} itself: it is known from {source}. It is off until "
    "{setting}={name} is set. Nothing was asked."
)
UNKNOWN_CALL = N_("{setting} names {name}, which is no call of {provider}: it has {known}.")
USED = N_("{call} is not documented by {provider} itself: {document}.")

_SUBJECTS = {
    "refresh": N_("the call for late numbers"),
    "cancel": N_("the call that cancels orders"),
    "label": N_("the call for labels"),
    "lookup": N_("the call for its lists"),
}
_HEADS = {
    "refresh": N_("The call for late numbers"),
    "cancel": N_("The call that cancels orders"),
    "label": N_("The call for labels"),
    "lookup": N_("The call for lists"),
}
_LACKING = {
    "refresh": N_(
        "No document of {provider} has a call that tells numbers and states later, so nothing can "
        "be fetched. Look the orders up there."
    ),
    "cancel": N_(
        "No document of {provider} has a call that cancels orders, so nothing was cancelled. "
        "Cancel it at the provider, then tell it with converter reconcile and --cancelled."
    ),
    "label": N_(
        "No document of {provider} has a call for labels, so nothing can be fetched. Print them "
        "there."
    ),
    "lookup": N_(
        "No document of {provider} has a call for lists of its own, so nothing can be fetched. Ask "
        "the provider for its codes."
    ),
}
_SOURCES = {
    "sibling": N_("another installation of the same product"),
    "client": N_("somebody's client program only"),
}


def documented(mapping: ProviderMapping, values: Settings, name: str) -> dict[str, Documented]:
    """The mapping's calls of a name that may be used, by the last part of their place.

    Raises UsageError where there are none, SettingsError where all of them are off.
    """
    have = [(str(at[-1]), call) for known, at, call in mapping.calls.named() if known == name]
    if not have:
        raise UsageError(t(_LACKING[name], provider=mapping.provider))
    on = {key: call for key, call in have if _may_use(mapping, values, name, call)}
    if not on:
        facts = {"provider": mapping.provider, "setting": mapping.settings[CALLS].env, "name": name}
        source = t(_SOURCES[have[0][1].evidence])
        raise SettingsError(t(OFF, **facts, call=t(_SUBJECTS[name]), source=source))
    return on


def is_on(mapping: ProviderMapping, values: Settings, name: str) -> bool:
    """Whether the mapping has such a call and it may be used. Raises SettingsError.

    In the sandbox every call may.
    """
    have = [call for known, _, call in mapping.calls.named() if known == name]
    return any(_may_use(mapping, values, name, call) for call in have)


def setting_of(mapping: ProviderMapping, name: str) -> str:
    """The variable that switches a call on; empty where there is nothing to switch."""
    setting = mapping.settings.get(CALLS)
    have = any(known == name for known, _, _ in mapping.calls.named())
    return setting.env if have and setting else ""


def told_when_used(mapping: ProviderMapping, name: str, call: Documented) -> list[Message]:
    """What to say where a call was used that the provider itself does not document."""
    if call.evidence == "own":
        return []
    facts = {"provider": mapping.provider, "document": call.document}
    return [t(USED, call=t(_HEADS[name]), **facts)]


def _may_use(mapping: ProviderMapping, values: Settings, name: str, call: Documented) -> bool:
    have = list(mapping.calls.named())
    chosen = re.split(r"[,\s]+", values.values.get(CALLS, "").strip())
    for word in filter(None, chosen):
        if word not in {one for one, _, _ in have}:
            facts = {"setting": mapping.settings[CALLS].env, "name": repr(word)}
            off = dict.fromkeys(one for one, _, known in have if known.evidence != "own")
            facts |= {"provider": mapping.provider, "known": join(COMMA, off)}
            raise SettingsError(t(UNKNOWN_CALL, **facts))
    return call.evidence == "own" or values.sandbox or name in chosen
