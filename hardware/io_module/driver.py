"""Runs a lane's I/O module: reads inputs, switches and pulses outputs, notices when somebody else does.

After every connection all outputs are off and nothing is held: the owner says again what it wants. While connected the outputs
are read back after every write and every second (at every scan where that costs nothing); when they are not as told, the module
restarted or a second master is on the line: they are put right and :class:`~hardware.io_module.events.OutputsDisturbed` is
published.
"""

from __future__ import annotations

import time

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import DeviceError, LinkLostError, ProtocolError
from hardware.io_module import protocol
from hardware.io_module.addresses import Framing, opened_by
from hardware.io_module.commands import Drop, Hold, OutputCommand, Pulse, SetOutputs
from hardware.io_module.events import Cause, InputsChanged, OutputsCommanded, OutputsDisturbed
from hardware.io_module.guards import guard_of
from hardware.io_module.inputs import DEBOUNCE_S, Counts, Debounce
from hardware.io_module.master import Master, RtuMaster, TcpMaster
from hardware.io_module.module import TRIES, Module, Sample
from hardware.io_module.outputs import HOLD_PULSE_S, Outputs
from hardware.io_module.register_maps import Flash
from hardware.io_module.wiring import PULSED, IoModuleSetup
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
OWNER_SILENT_S = 1.5
"""A program that hangs is as good as dead: what it holds is switched off after so long."""


class IoModuleDriver(SerialDriver):
    """Driver of one module."""

    poll_period_s = 0.03

    def __init__(
        self, setup: IoModuleSetup | None = None, *, line: LineSettings | None = None, framing: Framing = Framing.BY_URL
    ) -> None:
        """Set what the module is and what is wired to it.

        Args:
            setup: map, address and wiring; a Waveshare module with the lane's default wiring when left out.
            line: how the wire is clocked; 9600 8N1 when left out.
            framing: RTU or TCP frames; told by the URL when left out.
        """
        self.line = line or LineSettings()
        self._setup = setup or IoModuleSetup()
        self._framing = framing
        self._self_ending = isinstance(self._setup.register_map.guard, Flash)
        self._attach(RtuMaster(self._setup.unit, self.line.baud, self._setup.register_map.in_step))
        self._wanted = self._nothing()
        self._debounce: Debounce | None = None
        self._counts = Counts()
        self._must_tell_inputs = True
        self._uptime_s: int | None = None
        self._read_back_at = 0.0
        self._read_s = 0.0
        """When the first reading of this look at the inputs came."""
        self._owner_seen_s: float | None = None
        self._ends: dict[int, str] = {}
        """Held outputs that an input ends."""
        self._outliving: set[int] = set()
        """Held outputs that stay on although the owner hangs."""

    def _attach(self, master: Master) -> None:
        self._module = Module(self._setup, master)
        self._guard = guard_of(self._setup, self._module)

    def _nothing(self) -> Outputs:
        return Outputs(self._setup.register_map.outputs.count, self_ending=self._self_ending)

    # Coming and going.

    def open(self, url: str) -> Link:
        """Open the line and choose how frames look on it."""
        port_url, framing = opened_by(url, self._framing)
        is_tcp = framing is Framing.TCP
        self._attach(TcpMaster() if is_tcp else RtuMaster(self._setup.unit, self.line.baud, self._setup.register_map.in_step))
        return Link(port_url, self.line)

    def probe(self, port: Link) -> Identity:
        """Switch everything off and prove it, give the host the outputs, check the inputs' supply, try what guards the belt."""
        self._module.restart()
        self._wanted, self._debounce, self._counts = self._nothing(), None, Counts()
        self._ends.clear()
        self._outliving.clear()
        identity = self._module.identify(port)
        self._module.all_off(port)
        self._module.take_outputs(port)
        self._module.all_off(port)
        self._guard.recover(port)
        if any(self._module.outputs(port)):
            raise ProtocolError("the I/O module's outputs do not go off: is another program or an input switching them?")
        self._module.start_counters(port)
        self._module.scan(port, outputs=False, tries=TRIES)
        self._guard.prove(port)
        self._uptime_s = self._module.uptime_s(port)
        self._debounce = Debounce(self._module.scan(port, outputs=False, tries=TRIES).inputs)
        self._must_tell_inputs, self._read_back_at = True, 0.0
        return identity

    def leave_safe(self, port: Link) -> None:
        """Switch everything off."""
        self._module.all_off(port)

    def owner_is_well(self) -> None:
        """To be called by the owner's own loop, twice in :data:`OWNER_SILENT_S` at least, once it has begun with it.

        Outputs are held by this driver's thread, which would go on although the loop that decides about them hangs.
        """
        self._owner_seen_s = time.monotonic()

    # Every 30 ms.

    def poll(self, port: Link) -> None:
        """Read the inputs, renew what is held, end what is over, read the outputs back when it is time."""
        self.scan(port, outputs=time.monotonic() >= self._read_back_at)
        now_s = time.monotonic()
        if self._owner_seen_s is not None and now_s - self._owner_seen_s > OWNER_SILENT_S:
            self._let_go(port, now_s)
        for channel in self._wanted.to_renew(now_s):
            self._guard.renew(port, channel)
            self._wanted.pulse(channel, now_s, HOLD_PULSE_S, held=True)
        for channel in self._wanted.to_end(now_s):
            self._switch(port, {channel: False})

    def _let_go(self, port: Link, now_s: float) -> None:
        """Switch off what is held."""
        channels = set(range(self._setup.register_map.outputs.count)) - self._outliving
        held = [channel for channel in sorted(channels) if self._wanted.is_held(channel)]
        if not held:
            return
        expected = tuple(bool(value) for value in self._wanted.expected(now_s))
        self._switch(port, dict.fromkeys(held, False))
        left = tuple(on and channel not in held for channel, on in enumerate(expected))
        names = self._setup.outputs.names
        self.publish(OutputsDisturbed(self.name, names(expected), names(left), Cause.OWNER_SILENT))

    def scan(self, port: Link, *, outputs: bool) -> None:
        """Read the whole module once; tell what changed and put right what is wrong."""
        begun_s = time.monotonic()
        counts = self._module.counts(port)
        sample = self._module.scan(port, outputs=outputs)
        self._read_s = time.monotonic()
        if sample.outputs is not None:
            self._check_outputs(port, sample.outputs)  # before an input ends what this sample shows as on
        self._hear(port, sample, counts)
        assert self._debounce is not None
        if self._debounce.unsettled:
            # A second look at once: a short pulse is not lost, and a change is told a whole period earlier.
            port.discard_input(max(0.0, begun_s + DEBOUNCE_S - time.monotonic()))
            self._hear(port, self._module.scan(port, outputs=False), counts)

    def _hear(self, port: Link, sample: Sample, counts: dict[int, int]) -> None:
        assert self._debounce is not None
        changed = self._debounce.feed(sample.inputs)
        settled = self._debounce.settled
        if changed or self._must_tell_inputs:
            self._must_tell_inputs = False
            self._tell(port, settled)
        pulsed = self._counts.feed(counts, self._debounce)
        if pulsed:
            self._tell(port, tuple(on != (channel in pulsed) for channel, on in enumerate(settled)))
            self._tell(port, settled)

    def _tell(self, port: Link, inputs: tuple[bool, ...]) -> None:
        """Tell the inputs, and end what they end."""
        names = self._setup.inputs.names(inputs)
        self.publish(InputsChanged(self.name, names, self._read_s))
        ended = [channel for channel, until in self._ends.items() if until in names]
        self._switch(port, dict.fromkeys(ended, False))

    # Reading back.

    def _read_back(self, port: Link) -> None:
        self._check_outputs(port, self._module.outputs(port))

    def _check_outputs(self, port: Link, found: tuple[bool, ...]) -> None:
        """Compare the outputs with what was told; put right what differs."""
        now_s = time.monotonic()
        restarted = now_s >= self._read_back_at and self._has_restarted(port)
        if now_s >= self._read_back_at:
            self._read_back_at = now_s + READ_BACK_PERIOD_S
        wrong = self._wanted.disagreeing(found, now_s)
        if not wrong and not restarted:
            return
        expected = tuple(bool(value) for value in self._wanted.expected(now_s))
        if restarted or not any(found[channel] for channel in wrong):
            cause = Cause.RESTARTED
            self._guard.recover(port)
            self._module.start_counters(port)
        else:
            cause = Cause.OTHER_MASTER
        for channel in wrong:
            self._put_right(port, channel, now_s, on=expected[channel])
        names = self._setup.outputs.names
        self.publish(OutputsDisturbed(self.name, names(expected), names(found), cause))

    def _put_right(self, port: Link, channel: int, now_s: float, *, on: bool) -> None:
        """Switch one output as it should be; a pulse goes on as a pulse, so that it still ends without this program."""
        if self._wanted.is_held(channel):
            self._guard.renew(port, channel)
            self._wanted.pulse(channel, now_s, HOLD_PULSE_S, held=True)
        elif on and (left_s := self._wanted.pulse_left_s(channel, now_s)) is not None:
            self._guard.pulse(port, channel, left_s)
        else:
            self._module.switch(port, channel, on=on)

    def _has_restarted(self, port: Link) -> bool:
        before, self._uptime_s = self._uptime_s, self._module.uptime_s(port)
        return before is not None and self._uptime_s is not None and self._uptime_s < before

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
        if isinstance(command, Hold) and command.until and self._is_on(command.until):
            return f"{command.until} is on already"
        names = set(command.outputs) if isinstance(command, SetOutputs) else {command.output}
        wired = self._setup.outputs.channels()
        unknown = sorted(names - set(wired))
        if unknown:
            return f"no output is called {', '.join(unknown)}; there are {', '.join(sorted(wired))}"
        if isinstance(command, SetOutputs) and names & PULSED:
            return f"{', '.join(sorted(names & PULSED))} must stop without this program: hold or pulse it instead"
        if isinstance(command, Pulse):
            try:
                protocol.flash_on(self._setup.unit, 0, command.duration_s)
            except ValueError as error:
                return str(error)
        return ""

    def _is_on(self, name: str) -> bool:
        return self._debounce is not None and name in self._setup.inputs.names(self._debounce.settled)

    def _carry_out(self, port: Link, command: OutputCommand) -> None:
        channels = self._setup.outputs.channels()
        if isinstance(command, SetOutputs):
            self._switch(port, {channels[name]: on for name, on in command.outputs.items()})
        elif isinstance(command, Drop):
            self._switch(port, {channels[command.output]: False})
        elif isinstance(command, Pulse):
            self._pulse(port, channels[command.output], command.duration_s, held=False)
        else:
            self._hold(port, channels[command.output], command)

    def _hold(self, port: Link, channel: int, command: Hold) -> None:
        if not self._wanted.is_held(channel):
            self._pulse(port, channel, HOLD_PULSE_S, held=True)
        self._forget_terms(channel)
        if command.until:
            self._ends[channel] = command.until
        if command.outlives_owner:
            self._outliving.add(channel)

    def _forget_terms(self, channel: int) -> None:
        self._ends.pop(channel, None)
        self._outliving.discard(channel)

    def _pulse(self, port: Link, channel: int, duration_s: float, *, held: bool) -> None:
        sent_s = time.monotonic()
        self._guard.pulse(port, channel, duration_s)
        self._wanted.pulse(channel, sent_s, duration_s, held=held)

    def _switch(self, port: Link, wanted: dict[int, bool]) -> None:
        for channel, on in wanted.items():
            self._forget_terms(channel)
            if not on:
                self._wanted.switch(channel, on=False)  # before the line may fail: what shall stop is not renewed
        self._module.switch_all(port, wanted)
        for channel, on in wanted.items():
            self._wanted.switch(channel, on=on)
