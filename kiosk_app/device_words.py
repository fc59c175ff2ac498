"""From what the devices say to what a payment session understands; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hardware.card_terminal import events as card
from hardware.cash import events as cash
from hardware.device import DeviceEvent
from hardware.printer.driver import PrintOutcome
from hardware.scanner.events import CodeScanned
from kiosk_app import session_events as on
from kiosk_app.journal import Credit
from kiosk_app.session import Hopper

NEARLY_EMPTY_MAX = 60
"""Coins that may still lie below a hopper's low sensor."""

_ASK_LATER = frozenset({cash.PayoutReason.UNREACHABLE, cash.PayoutReason.UNKNOWN_HOPPER, cash.PayoutReason.BUSY})
_NOT_THE_HOPPERS_FAULT = frozenset({cash.PayoutReason.DONE, cash.PayoutReason.LINK_LOST})
_TERMINAL_UNABLE = frozenset({card.Reason.NOT_STARTED, card.Reason.BUSY, card.Reason.UNAVAILABLE, card.Reason.NOT_POSSIBLE})
_OUTCOMES = {
    "printed": on.ReceiptPrinted,
    "not_printed": on.ReceiptNotPrinted,
    "uncertain": on.ReceiptUncertain,
}


def session_event(event: DeviceEvent) -> on.Event | None:
    """Translate one device event; None if a payment session has no use for it."""
    translate = _TRANSLATIONS.get(type(event))
    return None if translate is None else translate(event)


def credit_of(event: DeviceEvent) -> Credit | None:
    """Return what must be written together with a coin or note."""
    if isinstance(event, cash.CoinTaken | cash.NoteStacked):
        return Credit(event.place, event.epoch, event.seq, event.value_minor, event.memory)
    return None


def ready(devices: cash.CashDevices) -> on.CashReady:
    """Say that the cash devices were initialised."""
    return on.CashReady(devices.coin_values_minor, devices.note_values_minor, _hoppers(devices))


def changed(devices: cash.CashDevices) -> on.CashChanged:
    """Say that one of the cash devices came, went or changed."""
    return on.CashChanged(devices.coin_values_minor, devices.note_values_minor, _hoppers(devices))


def doubtful_counts(devices: cash.CashDevices, hoppers: Iterable[Hopper]) -> list[str]:
    """Return a sentence for each hopper whose level sensor does not fit its count; staff should count it."""
    return [
        f"{hopper.name} should hold {hopper.count} coins, but its sensor says nearly empty: please count them"
        for hopper in hoppers
        if hopper.count > NEARLY_EMPTY_MAX
        and (info := devices.hoppers.get(hopper.name)) is not None
        and info.level is cash.Level.LOW
    ]


def _hoppers(devices: cash.CashDevices) -> tuple[on.HopperFound, ...]:
    found = ((name, info) for name, info in devices.hoppers.items() if name and info.coin_minor)
    return tuple(on.HopperFound(name, info.coin_minor, info.count) for name, info in found)


def _payout(event: cash.PayoutFinished) -> on.Event:
    if event.uncertain and event.reason in _ASK_LATER:
        return on.PayoutUnknown(event.payout_id)
    missing = max(0, event.requested - event.paid)
    failed = event.reason not in _NOT_THE_HOPPERS_FAULT or (missing > 0 and event.reason is cash.PayoutReason.DONE)
    return on.PayoutFinished(event.payout_id, event.paid, missing if event.uncertain else 0, hopper_failed=failed)


def _trouble(event: cash.CashTrouble) -> on.Event | None:
    if event.code is cash.TroubleCode.REJECTED:
        return on.PieceRejected()
    if event.code is cash.TroubleCode.UNCERTAIN_NOTE:
        return on.NoteDoubtful(event.amount_minor)
    return None


def _charged(event: card.ChargeFinished) -> on.Event:
    result = event.result
    if result.verdict is card.Verdict.APPROVED:
        return on.CardApproved(event.charge_id, result.amount_minor, result.reference, result.card, result.customer_receipt)
    if result.verdict is card.Verdict.REFUSED:
        return on.CardRefused(
            event.charge_id,
            cancelled=result.reason is card.Reason.CANCELLED,
            not_started=result.reason in _TERMINAL_UNABLE,
        )
    return on.CardUnknown(event.charge_id) if result.verdict is card.Verdict.UNKNOWN else on.CardUncertain(event.charge_id)


def _reversed(event: card.ReversalFinished) -> on.Event | None:
    verdict = event.result.verdict
    if not verdict.is_final:
        return None  # the terminal is being asked
    return on.CardReversed(event.reversal_id) if verdict is card.Verdict.APPROVED else on.CardNotReversed(event.reversal_id)


_TRANSLATIONS: dict[type[DeviceEvent], Callable[[Any], on.Event | None]] = {
    CodeScanned: lambda event: on.CodeRead(event.text),
    PrintOutcome: lambda event: _OUTCOMES[event.outcome](event.job_id),
    cash.CoinTaken: lambda event: on.CoinTaken(event.place, event.epoch, event.seq, event.value_minor),
    cash.NoteStacked: lambda event: on.NoteStacked(event.place, event.epoch, event.seq, event.value_minor),
    cash.NoteInEscrow: lambda event: on.NoteOffered(event.value_minor),
    cash.NoteReturned: lambda _event: on.NoteReturned(),
    cash.ReturnLeverPressed: lambda _event: on.CancelPressed(),
    cash.PayoutFinished: _payout,
    card.TerminalText: lambda event: on.CardText(event.text),
    card.ChargeFinished: _charged,
    card.ReversalFinished: _reversed,
    cash.CashTrouble: _trouble,
}
