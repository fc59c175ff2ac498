"""Runs a lane's I/O module: reads inputs, switches and pulses outputs, notices when somebody else does.

After every connection all outputs are off and nothing is held: the owner says again what it wants. While connected the outputs
are read back after every write and every second; when they are not as told, the module rebooted or a second master is on the
line: they are put right and :class:`~hardware.io_module.events.OutputsDisturbed` is published.
"""

from __future__ import annotations

import time

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import DeviceError, LinkLostError, ProtocolError
from hardware.io_module import protocol
from hardware.io_module.commands import Drop, Hold, OutputCommand, Pulse, SetOutputs
from hardware.io_module.events import InputsChanged, OutputsCommanded, OutputsDisturbed
from hardware.io_module.inputs import Debounce
from hardware.io_module.master import Master
from hardware.io_module.outputs import HOLD_PULSE_S, Outputs
from hardware.io_module.wiring import PULSED, LaneInputs, LaneOutputs
from hardware.link import LineSettings, Link

__all__ = [
    "Drop",
    "Hold",
    "InputsChanged",
    "IoModuleDriver",
    "OutputCommand",
    "OutputsCommanded",
    "OutputsDisturbed",
    "Pulse",
    "SetOutputs",
]

READ_BACK_PERIOD_S = 1.0
TRIES = 3
_TRIAL_FIRST_S, _TRIAL_AGAIN_S, _TRIAL_GAP_S = 0.3, 0.6, 0.15
_VERSION_STEPS = 100


class IoModuleDriver(SerialDriver):
    """Driver of one module."""

    poll_period_s = 0.03

    def __init__(
        self,
        *,
        unit: int = 1,
        inputs: LaneInputs | None = None,
        outputs: LaneOutputs | None = None,
        line: LineSettings | None = None,
    ) -> None:
        """Set where the module is and what is wired to it.

        Args:
            unit: the module's Modbus address.
            inputs: which input is what; the default map when left out.
            outputs: which output is what; the default map when left out.
            line: how the wire is clocked; 9600 8N1 when left out.
        """
        self.line = line or LineSettings()
        self._unit = unit
        self._inputs = inputs or LaneInputs()
        self._outputs = outputs or LaneOutputs()
        self._master = Master(unit, self.line.baud)
        self._wanted = Outputs()
        self._debounce: Debounce | None = None
        self._must_tell_inputs = True
        self._pulses_restart = False
        self._read_back_at = 0.0

    # Coming and going.

    def probe(self, port: Link) -> Identity:
        """Switch everything off and prove it, give the host the outputs, check the inputs' supply, try the pulses."""
        self._master.restart()
        self._wanted = Outputs()
        self._debounce = None
        self._all_off(port)
        self._take_outputs(port)
        self._all_off(port)
        if any(self._read_outputs(port)):
            raise ProtocolError("the I/O module's outputs do not go off: is another program or an input switching them?")
        version = self._registers(port, protocol.VERSION)[0]
        sample = self._read_inputs(port, TRIES)
        self._pulses_restart = self._try_pulses(port)
        self._wanted, self._read_back_at = Outputs(), 0.0
        self._debounce = Debounce(sample)
        self._must_tell_inputs = True
        return Identity(model=f"I/O module at address {self._unit}", firmware=f"V{version / _VERSION_STEPS:.2f}")

    def leave_safe(self, port: Link) -> None:
        """Switch everything off."""
        self._all_off(port)

    def _all_off(self, port: Link) -> None:
        self._master.ask(port, protocol.write_coils(self._unit, [False] * protocol.CHANNELS), tries=TRIES)

    def _take_outputs(self, port: Link) -> None:
        """Set every output's mode to 0: the host decides, no input does."""
        for channel, mode in enumerate(self._registers(port, protocol.MODES, protocol.CHANNELS)):
            if mode:
                self._master.ask(port, protocol.write_register(self._unit, protocol.MODES + channel, 0), tries=TRIES)

    def _registers(self, port: Link, start: int, count: int = 1) -> tuple[int, ...]:
        data = self._master.ask(port, protocol.read_registers(self._unit, start, count), tries=TRIES)
        return protocol.unpack_registers(data)

    def _try_pulses(self, port: Link) -> bool:
        """Learn on the spare output whether a repeated pulse restarts the module's timer; makers do not say.

        Where it does not (or where no output is spare) a held output is renewed by off and on: two frames apart, some 50 ms.
        """
        spare = self._outputs.spare
        if spare is None:
            return False
        self._master.ask(port, protocol.flash_on(self._unit, spare, _TRIAL_FIRST_S), tries=TRIES)
        if not self._read_outputs(port)[spare]:
            raise ProtocolError(
                f"the I/O module does not pulse output {spare}: belt and deactivator could not be stopped safely; "
                "use a module with flash-on, or give the spare output in the settings"
            )
        port.discard_input(_TRIAL_GAP_S)
        again_s = time.monotonic()
        self._master.ask(port, protocol.flash_on(self._unit, spare, _TRIAL_AGAIN_S), tries=TRIES)
        port.discard_input(2 * _TRIAL_GAP_S)
        is_on = self._read_outputs(port)[spare]
        in_time = time.monotonic() - again_s < _TRIAL_AGAIN_S
        self._master.ask(port, protocol.write_coil(self._unit, spare, on=False), tries=TRIES)
        return is_on and in_time

    # Every 30 ms.

    def poll(self, port: Link) -> None:
        """Read the inputs, renew what is held, read the outputs back when it is time."""
        sample = self._read_inputs(port)
        self._tell_inputs(sample)
        for channel in self._wanted.to_renew(time.monotonic()):
            self._renew(port, channel)
        if time.monotonic() >= self._read_back_at:
            self._read_back(port)

    def _tell_inputs(self, sample: tuple[bool, ...]) -> None:
        assert self._debounce is not None
        changed = self._debounce.feed(sample)
        if changed or self._must_tell_inputs:
            self._must_tell_inputs = False
            self.publish(InputsChanged(self.name, self._inputs.names(self._debounce.settled), time.monotonic()))

    def _read_inputs(self, port: Link, tries: int = 1) -> tuple[bool, ...]:
        sample = protocol.unpack_bits(self._master.ask(port, protocol.read_inputs(self._unit), tries=tries))
        live_zero = self._inputs.live_zero
        if live_zero is not None and not sample[live_zero]:
            raise ProtocolError(
                f"input {live_zero} of the I/O module is off, but it is wired to on: the inputs have no supply, or another "
                "module answers; check the 24 V supply and the wiring"
            )
        return sample

    def _read_outputs(self, port: Link) -> tuple[bool, ...]:
        return protocol.unpack_bits(self._master.ask(port, protocol.read_coils(self._unit), tries=TRIES))

    def _read_back(self, port: Link) -> None:
        """Compare the outputs with what was told; put right what differs."""
        found = self._read_outputs(port)
        now_s = time.monotonic()
        self._read_back_at = now_s + READ_BACK_PERIOD_S
        wrong = self._wanted.disagreeing(found, now_s)
        if not wrong:
            return
        expected = self._wanted.expected(now_s)
        for channel in wrong:
            if self._wanted.is_held(channel):
                self._renew(port, channel)
            else:
                self._master.ask(port, protocol.write_coil(self._unit, channel, on=bool(expected[channel])), tries=TRIES)
        told = self._outputs.names(tuple(bool(value) for value in expected))
        self.publish(OutputsDisturbed(self.name, told, self._outputs.names(found)))

    def _renew(self, port: Link, channel: int) -> None:
        """Send a held output's next pulse."""
        if not self._pulses_restart:
            self._master.ask(port, protocol.write_coil(self._unit, channel, on=False), tries=TRIES)
        self._send_pulse(port, channel, HOLD_PULSE_S, held=True)

    def _send_pulse(self, port: Link, channel: int, duration_s: float, *, held: bool) -> None:
        sent_s = time.monotonic()
        self._master.ask(port, protocol.flash_on(self._unit, channel, duration_s), tries=TRIES)
        self._wanted.pulse(channel, sent_s, duration_s, held=held)

    # What the owner says.

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Carry out a command, read the outputs back, tell the outcome.

        When it cannot be known whether an output obeyed, the connection is given up: the next one begins with all outputs off.
        """
        if not isinstance(command, SetOutputs | Pulse | Hold | Drop):
            super().perform(port, command)
            return
        reason = self._objection(command)
        if reason:
            self.publish(OutputsCommanded(self.name, command, done=False, reason=reason))
            return
        try:
            self._carry_out(port, command)
            self._read_back(port)
        except DeviceError as error:
            self.publish(OutputsCommanded(self.name, command, done=False, reason=str(error)))
            raise LinkLostError(str(error)) from error
        self.publish(OutputsCommanded(self.name, command, done=True))

    def abandon(self, command: DeviceCommand) -> None:
        """Say that nothing was switched."""
        if isinstance(command, SetOutputs | Pulse | Hold | Drop):
            reason = "the I/O module is not connected"
            self.publish(OutputsCommanded(self.name, command, done=False, reason=reason))

    def _objection(self, command: OutputCommand) -> str:
        """Say why a command cannot be carried out on this lane; empty when it can."""
        names = set(command.outputs) if isinstance(command, SetOutputs) else {command.output}
        wired = self._outputs.channels()
        unknown = sorted(names - set(wired))
        if unknown:
            return f"no output is called {', '.join(unknown)}; there are {', '.join(sorted(wired))}"
        if isinstance(command, SetOutputs) and names & PULSED:
            return f"{', '.join(sorted(names & PULSED))} must stop without this program: hold or pulse it instead"
        if isinstance(command, Pulse):
            try:
                protocol.flash_on(self._unit, wired[command.output], command.duration_s)
            except ValueError as error:
                return str(error)
        return ""

    def _carry_out(self, port: Link, command: OutputCommand) -> None:
        channels = self._outputs.channels()
        if isinstance(command, SetOutputs):
            for name, on in command.outputs.items():
                self._switch(port, channels[name], on=on)
        elif isinstance(command, Pulse):
            self._send_pulse(port, channels[command.output], command.duration_s, held=False)
        elif isinstance(command, Hold):
            if not self._wanted.is_held(channels[command.output]):
                self._send_pulse(port, channels[command.output], HOLD_PULSE_S, held=True)
        else:
            self._switch(port, channels[command.output], on=False)

    def _switch(self, port: Link, channel: int, *, on: bool) -> None:
        if not on:
            self._wanted.switch(channel, on=False)  # before the line may fail: what shall stop is not renewed
        self._master.ask(port, protocol.write_coil(self._unit, channel, on=on), tries=TRIES)
        self._wanted.switch(channel, on=on)
