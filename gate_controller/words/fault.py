"""What can be broken in a lane."""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """What is broken, by what the lane can still do."""

    SCANNER = "the scanner does not answer"
    SCALE = "the scale does not answer"
    SCALE_ZERO = "something lies on the empty belt, or the scale has drifted"
    SCALE_DRIFT = "the scale drifts: its weights do not fit honest baskets any more"
    IO_MODULE = "the I/O module does not answer"
    EMERGENCY_STOP = "the emergency stop is pressed"
    BELT = "the belt reports a fault"
    RFID_READER = "the RFID reader at the gate does not answer"
    KEYPAD = "the keypad does not answer"
    ARBITER = "another gate controller runs the lanes of this shop"
    PEDESTAL = "the pedestal still senses a tag after its alarm was silenced"
    RECORD = "the controller's disk does not keep what is written"

    @property
    def stops_moving(self) -> bool:
        """Whether belt, deactivator and gate cannot be trusted."""
        return self in {Fault.IO_MODULE, Fault.EMERGENCY_STOP, Fault.BELT}

    @property
    def stops_weighing(self) -> bool:
        """Whether goods cannot be checked."""
        return self.stops_moving or self in {Fault.SCALE, Fault.SCALE_ZERO, Fault.SCALE_DRIFT, Fault.ARBITER}

    @property
    def stops_entering(self) -> bool:
        """Whether no new shopper is let in; who is in the lane goes on."""
        return self.stops_weighing or self in {Fault.RFID_READER, Fault.PEDESTAL, Fault.RECORD}
