"""Runs one lane: feeds its machine, carries out what it asks for, and lets the devices do what follows from its state.

Everything here happens on the controller's one thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from uuid import UUID, uuid4

import structlog

from gate_controller import lane as machine
from gate_controller import presenter, words
from gate_controller.check_desk import CheckDesk
from gate_controller.drawn_orders import DrawnOrders
from gate_controller.entry_desk import EntryDesk
from gate_controller.fire_bell import FireBell
from gate_controller.lane_devices import LaneDevices
from gate_controller.lane_state import Lane, State, outputs
from gate_controller.lane_turns import Step
from gate_controller.link_events import ArbiterChanged, EntryAnswered, OrderSeen
from gate_controller.order_facts import order_of_use
from gate_controller.passes_used import PassesUsed, RecordError
from gate_controller.record_watch import RecordWatch
from gate_controller.settings import GateSettings
from gate_controller.shop_cache import ShopCache
from gate_controller.staff_desk import StaffDesk
from gate_controller.store_link import StoreLink
from gate_controller.tag_watch import TagWatch
from gate_controller.texts import Texts
from gate_controller.timers import Timers
from gate_controller.weigher import Weigher
from gate_controller.weighing import Verdict
from gate_controller.weighing.scale_watch import ScaleState
from gate_controller.weight_desk import WeightDesk
from gate_controller.words import Command, Event, Fault, OrderInLane
from hardware.device import DeviceEvent
from hardware.io_module.events import InputsChanged
from hardware.rfid.events import TagSeen
from hardware.scale.events import WeightRead, WeightUnavailable
from hardware.scanner.events import CodeScanned
from hardware.scanner.protocol import Symbology
from store_server.contract.lane_messages import StaffCommand, StaffCommandKind

DONE_COMMANDS_KEPT = 100
ORDER_POLL_S = 1.0
ORDER_LOST_S = 30.0
"""An answer that takes longer than a silent server is waited for does not come any more: the question was dropped."""
TO_LEARN_MAX = 10
PASS_SYMBOLOGIES = frozenset({Symbology.QR, Symbology.UNKNOWN})
"""A pass is a QR code; UNKNOWN is what a scanner says that is not set to send identifiers."""
REPORT_S = 1.0

_SILENT = frozenset({State.IDLE, State.CHECKING})
"""What these displays say is not worth a voice."""

_WAITED_FOR = frozenset({State.CHECKING, State.WEIGHING, State.DEACTIVATING})
"""Somebody waits for the next step: what can be written down later is."""

_log = structlog.get_logger(__name__)


class LaneRunner:
    """One lane at work."""

    def __init__(
        self,
        settings: GateSettings,
        devices: LaneDevices,
        *,
        record: PassesUsed,
        link: StoreLink,
        cache: ShopCache,
        speak: Callable[[Texts, bool], None],
        fire: FireBell,
        weights: WeightDesk,
        tells_weights: bool,
        draws: DrawnOrders,
    ) -> None:
        self.name = devices.lane
        self._devices = devices
        self._record = record
        self._record_watch = RecordWatch(record)
        self._link = link
        self._cache = cache
        self._speak = speak
        self._desk = EntryDesk(self.name, settings.weighing.rules(), record, link, cache, after=devices.after)
        self._weigher = Weigher(settings.weighing.rules(), settings.weighing.settling(), cache)
        self._checks = CheckDesk(
            self.name,
            settings.weighing.rules(),
            cache,
            risk=settings.checks.risk(),
            sample=settings.checks.sample(),
            draws=draws,
        )
        self._staff = StaffDesk(self._checks, weights)
        self._weights = weights
        self._tells_weights = tells_weights
        self._to_learn: deque[tuple[OrderInLane, Verdict | None]] = deque(maxlen=TO_LEARN_MAX)
        """Exits to learn from once the gate is open: nobody waits for that."""
        self._tags = TagWatch(devices.tag_rules, cache.name_of)
        self._fire = fire
        self._lane = Lane(name=self.name, timing=settings.timing.timing(), after=devices.after, faults=devices.unheard)
        self._timers = Timers()
        self._happened_s: float | None = None
        """When the event that is being handled happened, where its device tells; else it is now."""
        self._done: deque[UUID] = deque(maxlen=DONE_COMMANDS_KEPT)
        self._poll_at = 0.0
        """When the order in the lane is asked after; far away while an answer is awaited."""
        self._shown: Texts = {}
        self._report_at = 0.0

    def start(self) -> None:
        """Begin where the last run stopped: an order whose pass was used stays with staff."""
        use = self._record.interrupted(self.name)
        if use is not None:
            _log.warning("an order was interrupted on its way out; staff decides", lane=self.name, order=use.order_number)
            self._take(machine.resumed(self._lane, order_of_use(use)))
        if self._weights.is_faulty(self.name):
            self._happen(words.FaultRaised(Fault.SCALE_DRIFT))
        self._fire.join(self._hear_fire)
        self._bring_in_line(time.monotonic())
        self._devices.start()

    def stop(self) -> None:
        """Switch everything off and close the devices."""
        self._devices.stop()

    # What happens.

    def device_event(self, event: DeviceEvent, now_s: float) -> None:
        """Take what a device of this lane said."""
        if isinstance(event, CodeScanned):
            self._happen(words.CodeRead(_pass_text(event), uuid4()))
        elif isinstance(event, WeightRead | WeightUnavailable):
            meant = self._weight(event, now_s)
            if meant is not None:
                self._happen(meant)
        elif isinstance(event, TagSeen):
            alarm = self._tags.read(event, self._lane, now_s)
            if alarm is not None:
                self._happen(alarm)
        else:
            self._happened_s = event.at_s if isinstance(event, InputsChanged) else None
            for understood in self._devices.understand(event):
                self._sensed(understood)
            self._happened_s = None
        self._bring_in_line(now_s)

    def _sensed(self, event: Event) -> None:
        """Let a change of an input happen; fire is a matter of all lanes."""
        if isinstance(event, words.FireAlarm | words.FireCleared):
            self._fire.sensed(self.name, on=isinstance(event, words.FireAlarm))
        else:
            self._happen(event)

    def _hear_fire(self, event: Event) -> None:
        self._happen(event)
        self._bring_in_line(time.monotonic())

    def _weight(self, event: WeightRead | WeightUnavailable, now_s: float) -> Event | None:
        if isinstance(event, WeightRead):
            return self._believed(self._weigher.read(event, self._lane, now_s))
        return self._weigher.unavailable(event.reason, now_s)

    def _believed(self, event: Event | None) -> Event | None:
        """Count a weighing; a scale that is not to be believed is the fault, whatever it shows."""
        order = self._lane.order
        if order is None or not isinstance(event, words.WeightFits | words.WeightShort | words.WeightDiffers):
            return event
        if self._weights.weighed(self.name, order, event.verdict) is ScaleState.FAULTY:
            return words.FaultRaised(Fault.SCALE_DRIFT)
        return event

    def entry_answered(self, answer: EntryAnswered, now_s: float) -> None:
        """Take what became of a question about a pass."""
        event = self._desk.answered(answer)
        if isinstance(event, words.EntryAllowed):
            history = None if answer.order is None else answer.order.history
            order = self._weights.expected(event.order)
            event = words.EntryAllowed(self._checks.assessed(order, history, now_s))
        self._happen(event)
        self._bring_in_line(now_s)

    def arbiter_changed(self, change: ArbiterChanged, now_s: float) -> None:
        """Close while another controller runs the lanes of this shop."""
        self._happen(words.FaultCleared(words.Fault.ARBITER) if change.is_ours else words.FaultRaised(words.Fault.ARBITER))
        self._bring_in_line(now_s)

    def order_seen(self, seen: OrderSeen, now_s: float) -> None:
        """Take news of the order in the lane."""
        self._poll_at = now_s + ORDER_POLL_S
        meant = self._desk.seen(self._lane, seen)
        if meant is not None:
            self._happen(meant)
            self._bring_in_line(now_s)

    def command_heard(self, command: StaffCommand, now_s: float) -> None:
        """Do what staff wants, once; written down before it is done."""
        if command.command_id in self._done:
            return
        try:
            is_new = self._record.begin_command(command.command_id)
        except RecordError as error:
            if command.kind is not StaffCommandKind.OPEN_FOR_FIRE:
                _log.error("a staff command cannot be recorded and is not done", lane=self.name, why=str(error))
                return
            is_new = True  # a fire waits for no disk; doing it twice does no harm
        self._done.append(command.command_id)
        if is_new:
            _log.info("staff", lane=self.name, does=command.kind.value, staff=command.staff, reason=command.reason)
            self._obey(command, now_s)
        self._report(now_s, at_once=True)
        self._bring_in_line(now_s)

    def _obey(self, command: StaffCommand, now_s: float) -> None:
        if command.kind is StaffCommandKind.OPEN_FOR_FIRE:
            self._fire.declared(self.name, command.staff, command.reason)
        elif command.kind is StaffCommandKind.RESET_FIRE:
            self._fire.reset(self.name, command.staff)
        else:
            event = self._staff.understood(command, self._lane, now_s)
            if event is not None:
                self._happen(event)

    def tick(self, now_s: float) -> None:
        """Let due timers ring, look after the order in the lane, report each second."""
        self._devices.controller_is_well()
        for event in self._timers.ring(now_s):
            self._happen(event)
            self._bring_in_line(now_s)
        self._look_after_record(now_s)
        self._look_after_order(now_s)
        while self._to_learn:
            self._weights.left(self.name, *self._to_learn.popleft())
        if self._lane.state not in _WAITED_FOR:
            self._weights.keep_watch(self.name)
        self._weights.refresh()
        if now_s >= self._report_at:
            self._report(now_s, at_once=False)

    def next_due_s(self) -> float:
        """Return when :meth:`tick` has something to do again (monotonic seconds)."""
        return min(self._report_at, self._timers.next_due_s)

    # Feeding the machine.

    def _happen(self, event: Event) -> None:
        if not machine.can_happen(self._lane, event):
            _log.info("ignored", lane=self.name, state=self._lane.state.value, what=type(event).__name__)
            return
        self._take(machine.advance(self._lane, event))

    def _take(self, step: Step) -> None:
        """Remember the lane, then do what it asks for in its order; answers known at once are fed after that."""
        before = self._lane
        self._lane, commands = step
        if self._lane.state is not before.state:
            self._log_change(before)
        if self._lane.released and not before.released and self._lane.order is not None:
            self._to_learn.append((self._lane.order, self._lane.verdict))
        answers = [answer for command in commands if (answer := self._do(command)) is not None]
        for answer in answers:
            self._happen(answer)

    def _do(self, command: Command) -> Event | None:
        if isinstance(command, words.StopTimers):
            self._timers.stop()
            self._weigher.forget()
        elif isinstance(command, words.StartTimer):
            self._timers.start(command, self._happened_s or time.monotonic())
        elif isinstance(command, words.AskWeight):
            self._weigher.ask()
        else:
            return self._desk.do(command)
        return None

    def _log_change(self, before: Lane) -> None:
        lane = self._lane
        _log.info(
            "lane",
            lane=self.name,
            before=before.state.value,
            state=lane.state.value,
            reason=lane.reason.value,
            order=lane.order.order_number if lane.order else None,
        )

    def _bring_in_line(self, now_s: float) -> None:
        """Bring devices, display, voice and report in line with the lane."""
        self._devices.apply(outputs(self._lane))
        self._devices.await_weight(self._weigher.reading_due_s)
        if self._weigher.zero_is_due:
            self._weigher.zero_is_due = False
            self._devices.zero_scale()
        said = presenter.headline(self._lane, self._cache.currency)
        if said != self._shown:
            self._shown = said
            _log.info("display", lane=self.name, state=self._lane.state.value, **dict(said))
            if self._lane.state not in _SILENT:
                self._speak(said, self._lane.state is State.ALARM)
            self._report(now_s, at_once=True)

    def _look_after_record(self, now_s: float) -> None:
        event = self._record_watch.look(self._lane, now_s)
        if event is not None:
            self._happen(event)
            self._bring_in_line(now_s)

    def _look_after_order(self, now_s: float) -> None:
        order = self._lane.order
        if self._lane.state is State.AUDITING and order is not None and now_s >= self._poll_at:
            self._poll_at = now_s + ORDER_LOST_S
            self._link.ask_order(self.name, order.order_id)

    def _report(self, now_s: float, *, at_once: bool) -> None:
        self._report_at = now_s + REPORT_S
        paused_s = self._checks.paused_s(now_s)
        weights = self._weights.news() if self._tells_weights else []
        report = presenter.report(self._lane, self._cache.currency, self._done, checks_paused_s=paused_s, weights=weights)
        self._link.report(report, now=at_once)


def _pass_text(code: CodeScanned) -> str:
    """Return what is to be checked; an article's barcode is never a pass, whatever its digits happen to be."""
    return code.text if code.symbology in PASS_SYMBOLOGIES else f"]{code.symbology}"
