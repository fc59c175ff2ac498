"""The gate controller: one loop, one queue, several lanes.

Devices and the store link put events on the queue from their own threads; only the loop touches a lane.
"""

from __future__ import annotations

import queue
import time
from typing import TypeAlias

import structlog

from gate_controller.drawn_orders import DrawnOrders
from gate_controller.fire_bell import FireBell
from gate_controller.lane_devices import LaneDevices
from gate_controller.lane_runner import LaneRunner
from gate_controller.link_events import ArbiterChanged, CommandsHeard, EntryAnswered, LinkEvent
from gate_controller.passes_used import PassesUsed
from gate_controller.settings import GateSettings
from gate_controller.shop_cache import ShopCache
from gate_controller.store_link import StoreLink
from gate_controller.texts import Texts
from gate_controller.weight_desk import WeightDesk
from gate_controller.weight_record import WeightRecord
from hardware.device import DeviceEvent
from hardware.speaker.speaker import Speaker

EVENTS_MAX = 10_000
"""A queue that full means that the loop stands still; devices then wait, which stops their pulses."""

_log = structlog.get_logger(__name__)
_Item: TypeAlias = "DeviceEvent | LinkEvent | None"


class Controller:
    """All lanes of one shop."""

    def __init__(
        self, settings: GateSettings, record: PassesUsed, cache: ShopCache, speaker: Speaker, *, take_over: bool = False
    ) -> None:
        self._events: queue.Queue[_Item] = queue.Queue(EVENTS_MAX)
        self._language = settings.language
        self._speaker = speaker
        self._link = StoreLink(
            settings.store,
            record,
            cache,
            lanes=[lane.name for lane in settings.lanes],
            publish=self._events.put,
            take_over=take_over,
        )
        self._lanes: dict[str, LaneRunner] = {}
        self._lane_of_device: dict[str, LaneRunner] = {}
        fire, draws = FireBell(settings.data_dir), DrawnOrders()
        self._weight_record = WeightRecord(settings.data_dir)
        weights = WeightDesk(self._weight_record, cache, settings.weighing.rules())
        for wanted in settings.lanes:
            devices = LaneDevices(wanted, self._events.put)
            runner = LaneRunner(
                settings,
                devices,
                record=record,
                link=self._link,
                cache=cache,
                speak=self._speak,
                fire=fire,
                weights=weights,
                tells_weights=not self._lanes,
                draws=draws,
            )
            self._lanes[wanted.name] = runner
            self._lane_of_device |= dict.fromkeys(devices.names, runner)

    def start(self) -> None:
        """Claim the lanes, then start devices and the store link.

        Raises:
            ProgramError: another gate controller runs the lanes of this shop.
        """
        self._link.claim_lanes()
        self._link.start()
        for runner in self._lanes.values():
            runner.start()

    def run(self) -> None:
        """Work until :meth:`stop`; then everything is off and closed."""
        try:
            while self._next():
                pass
        finally:
            for runner in self._lanes.values():
                runner.stop()
            self._link.stop()
            self._speaker.close()
            self._weight_record.close()

    def stop(self) -> None:
        """End the loop; may be called from a signal handler or another thread."""
        self._events.put(None)

    def _next(self) -> bool:
        due_s = min(runner.next_due_s() for runner in self._lanes.values())
        try:
            item = self._events.get(timeout=max(0.0, due_s - time.monotonic()))
        except queue.Empty:
            pass
        else:
            if item is None:
                return False
            self._route(item)
        now_s = time.monotonic()
        for runner in self._lanes.values():
            runner.tick(now_s)
        return True

    def _route(self, item: DeviceEvent | LinkEvent) -> None:
        now_s = time.monotonic()
        if isinstance(item, DeviceEvent):
            self._lane_of_device[item.device].device_event(item, now_s)
        elif isinstance(item, EntryAnswered):
            self._lanes[item.lane].entry_answered(item, now_s)
        elif isinstance(item, CommandsHeard):
            for command in item.commands:
                self._lanes[item.lane].command_heard(command, now_s)
        elif isinstance(item, ArbiterChanged):
            for runner in self._lanes.values():
                runner.arbiter_changed(item, now_s)
        else:
            self._lanes[item.lane].order_seen(item, now_s)

    def _speak(self, texts: Texts, is_alarm: bool) -> None:  # noqa: FBT001 - a callback with two plain facts
        self._speaker.say(texts.get(self._language) or texts["en"], self._language, alarm=is_alarm)
