"""What a recycler complains of, in sentences for staff; pure."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.cash.events import Severity, TroubleCode
from hardware.cash.protocol_faults import Fault
from hardware.recycler.protocol_events import Happened

_H, _T, _S = Happened, TroubleCode, Severity

CONDITIONS: Mapping[Happened, Fault] = {
    _H.FRAUD: Fault(_T.FRAUD, _S.ALARM, "Somebody tampers with the note recycler. Look at it."),
    _H.STACKER_FULL: Fault(_T.FULL, _S.OUT_OF_SERVICE, "The recycler's cash box is full. Empty it."),
    _H.STORE_FULL: Fault(_T.FULL, _S.INFORMATION, "The recycler's store is full; notes go into its cash box."),
    _H.UNSAFE_JAM: Fault(_T.JAM, _S.ALARM, "A note is stuck in the recycler where a shopper can reach it. Clear it."),
    _H.SAFE_JAM: Fault(_T.JAM, _S.OUT_OF_SERVICE, "A note is stuck inside the recycler. Clear it."),
    _H.JAM_RECOVERY: Fault(_T.JAM, _S.INFORMATION, "The recycler clears a jam by itself; some notes go into its cash box."),
    _H.PAYOUT_ERROR: Fault(_T.JAM, _S.OUT_OF_SERVICE, "The recycler could not move a note. Look into it."),
    _H.BOX_REMOVED: Fault(_T.DEVICE_FAULT, _S.OUT_OF_SERVICE, "The recycler's cash box is out. Put it back."),
    _H.PATH_OPEN: Fault(_T.DEVICE_FAULT, _S.OUT_OF_SERVICE, "The recycler is open. Close it."),
    _H.STORE_OUT_OF_SERVICE: Fault(_T.DEVICE_FAULT, _S.OUT_OF_SERVICE, "The recycler's store is out of order."),
    _H.IN_BEZEL: Fault(_T.JAM, _S.INFORMATION, "A paid note waits in the recycler's slot to be taken."),
    _H.RESET: Fault(_T.DEVICE_RESET, _S.INFORMATION, "The recycler restarted; its counters tell what moved meanwhile."),
}
"""Each is told when it comes up, and again only after it was gone."""

JAMS = frozenset({_H.UNSAFE_JAM, _H.SAFE_JAM, _H.JAM_RECOVERY, _H.INITIALISING, _H.STACKING, _H.REJECTING})
"""While one of these is told, something is still moving: nothing is judged yet."""
