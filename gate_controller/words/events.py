"""Every event of a lane."""

from __future__ import annotations

from typing import TypeAlias

from gate_controller.words.alarm_events import AlarmEvent
from gate_controller.words.belt_events import BeltEvent
from gate_controller.words.entry_events import EntryEvent
from gate_controller.words.fault_events import FaultEvent
from gate_controller.words.gate_events import GateEvent
from gate_controller.words.staff_events import StaffEvent

Event: TypeAlias = EntryEvent | BeltEvent | GateEvent | AlarmEvent | StaffEvent | FaultEvent
