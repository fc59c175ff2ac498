"""The gate controller's settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gate_controller.audit_sample import SampleRules
from gate_controller.io_settings import IoSettings
from gate_controller.lane_state import After, Timing
from gate_controller.risk import RiskRules
from gate_controller.settling import SettlingRules
from gate_controller.weighing import Bag, WeighingRules
from hardware.pin import Pin
from hardware.rfid.driver import RfidDriver
from hardware.rfid.watch import READS_MAX, WatchRules
from hardware.scale.choice import ScaleChoice
from hardware.scanner.choice import ScannerChoice
from program.settings import ProgramSettings, Section, Token

LANES_MAX = 16

Seconds = Annotated[float, Field(gt=0, le=3600)]
Url = Annotated[str, Field(min_length=1, max_length=300)]


class StoreSettings(Section):
    """Where the store server is."""

    url: Url
    """Address of the store server, such as http://192.168.1.10:8080."""
    token: Token = ""
    """What ``store-server enrol`` printed for this controller."""
    ca: Path | None = None
    """The shop's authority (``ca.pem`` of ``store-server make-ca``); empty for a server without TLS."""
    report_period_s: Seconds = 1.0
    """How often each lane tells the server how it is."""
    refresh_period_s: Seconds = 30.0
    """How often keys, caps and prices are fetched."""


class SpeakerSettings(Section):
    """How the lanes speak."""

    mode: Literal["silent", "espeak"] = "silent"
    """espeak speaks with espeak-ng; silent only writes to the log."""
    volume_percent: Annotated[int, Field(ge=0, le=200)] = 100
    """100 is the voice's own loudness."""


class RfidSettings(Pin):
    """A reader of RFID tags at the gate: tags are compared with what the order paid for."""

    url: Url
    """Where it is: socket://host:5084."""
    antennas: tuple[Annotated[int, Field(ge=1, le=32)], ...] = ()
    """The antennas to read with, from 1; empty for all."""
    rssi_min_dbm: Annotated[int, Field(ge=-128, le=0)] = WatchRules().rssi_min_dbm
    """Weaker signals are of tags further away."""
    reads_min: Annotated[int, Field(ge=1, le=READS_MAX)] = WatchRules().reads_min
    """A tag must be read so often within the window."""
    window_s: Annotated[float, Field(gt=0, le=60)] = WatchRules().window_s
    """The window."""

    def driver(self) -> RfidDriver:
        """Return the driver of this reader."""
        return RfidDriver(antennas=self.antennas)

    def rules(self) -> WatchRules:
        """Return when a tag counts as being at the gate; a shopper's own things carry tags of other kinds."""
        return WatchRules(rssi_min_dbm=self.rssi_min_dbm, reads_min=self.reads_min, window_s=self.window_s)


class LaneSettings(Section):
    """One lane and where its devices are."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """Name of the lane, on the staff page and in the books."""
    scanner_url: Url
    """Port of the scanner: /dev/serial/by-id/..., or socket://host:port."""
    scale_url: Url
    """Port of the scale: /dev/serial/by-id/..., or socket://host:port."""
    io_url: Url
    """Port of the I/O module: /dev/serial/by-id/..., socket://host:port of a device server, or modbus-tcp://host."""
    io: IoSettings = IoSettings()
    """What the I/O module is and what is wired to it."""
    keypad_url: Url | None = None
    """Port of a keypad that sends the whole number at Enter; leave out where there is none."""
    after: After = After.KIOSK
    """Where this lane's shoppers have paid: at a kiosk before it, on handhelds or phones ("handhelds"), or either ("both")."""
    scanner: ScannerChoice = ScannerChoice()
    """What the scanner speaks, and the only one to accept."""
    keypad: ScannerChoice = ScannerChoice()
    """How the keypad's line is clocked."""
    scale: ScaleChoice = ScaleChoice()
    """What the scale speaks, and the only one to accept; a lane must not weigh on another one."""
    rfid: RfidSettings | None = None
    """A reader of RFID tags at the gate; left out where there is none."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Every port of the lane."""
        rfid_url = None if self.rfid is None else self.rfid.url
        ports = (self.scanner_url, self.keypad_url, self.scale_url, self.io_url, rfid_url)
        return tuple(url for url in ports if url is not None)


class CheckSettings(Section):
    """How often staff is asked to look through somebody's goods, and through how much of them."""

    floor: Annotated[float, Field(ge=0, lt=1)] = RiskRules().floor
    """The chance of an order about which nothing speaks."""
    ceiling: Annotated[float, Field(ge=0, le=1)] = RiskRules().ceiling
    """No order's chance is larger; 0 for no random checks at all."""
    value_minor: Annotated[int, Field(ge=1)] = RiskRules().value_minor
    """Goods of this worth double the odds."""
    blind_minor: Annotated[int, Field(ge=1)] = RiskRules().blind_minor
    """An article of this worth that the scale cannot see doubles the odds."""
    blind_max_g: Annotated[float, Field(ge=0)] = RiskRules().blind_max_g
    """An order in which the scale could miss more grams than this, for want of weights, is always looked at; 0 for never."""
    sample_share: Annotated[float, Field(gt=0, le=1)] = SampleRules().share
    """Part of the order's articles that are counted."""
    sample_max: Annotated[int, Field(ge=1, le=50)] = SampleRules().articles_max
    """At most so many articles."""
    free_picks: Annotated[int, Field(ge=0, le=100)] = SampleRules().free_picks
    """So many more pieces are taken out of the bag at will."""

    def risk(self) -> RiskRules:
        """Return what :mod:`gate_controller.risk` judges by."""
        return RiskRules(self.floor, self.ceiling, self.value_minor, self.blind_minor, self.blind_max_g)

    def sample(self) -> SampleRules:
        """Return what :mod:`gate_controller.audit_sample` draws by."""
        return SampleRules(share=self.sample_share, articles_max=self.sample_max, free_picks=self.free_picks)


class BagSettings(Section):
    """A kind of bag that shoppers leave on the belt and that no order names."""

    mean_g: Annotated[float, Field(gt=0, le=2000)]
    """What such a bag weighs."""
    sd_g: Annotated[float, Field(gt=0, le=1000)]
    """Standard deviation of its weight."""
    share: Annotated[float, Field(gt=0, le=0.3)]
    """Part of the baskets that have one."""


class WeighingSettings(Section):
    """How strict the lanes are."""

    false_alarm_rate: Annotated[float, Field(gt=0, lt=0.5)] = 0.005
    """Part of honest baskets that the lane may stop."""
    scale_sd_g: Annotated[float, Field(ge=0, le=1000)] = 2.0
    """Standard deviation of a stable reading, belt and all."""
    division_g: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """The step of the scale's display."""
    bags: Annotated[tuple[BagSettings, ...], Field(max_length=3)] = ()
    """Bags that are no theft: count a few hundred baskets. What is let out with a bag may also be a light article."""
    settle_readings: Annotated[int, Field(ge=2, le=20)] = 3
    """So many equal stable readings make a weight."""
    settle_s: Seconds = 0.5
    """They must span this time."""

    def rules(self) -> WeighingRules:
        """Return what :mod:`gate_controller.weighing` judges by."""
        return WeighingRules(
            scale_sd_g=self.scale_sd_g,
            division_g=self.division_g,
            false_alarm_rate=self.false_alarm_rate,
            bags=tuple(Bag(bag.mean_g, bag.sd_g, bag.share) for bag in self.bags),
        )

    def settling(self) -> SettlingRules:
        """Return when a weight may be believed; readings may differ by a division, or by what the scale's noise explains."""
        within = max(self.division_g, 3 * self.scale_sd_g)
        return SettlingRules(readings=self.settle_readings, span_s=self.settle_s, within_g=within)


class TimingSettings(Section):
    """How long each wait may last; see :class:`gate_controller.lane.Timing`."""

    check_s: Seconds = Timing().check_s
    """Until server or signature has decided about a pass."""
    goods_s: Seconds = Timing().goods_s
    """Until goods are put on the belt."""
    belt_s: Seconds = Timing().belt_s
    """Until goods reach the exit barrier; then they are weighed where they are."""
    weight_s: Seconds = Timing().weight_s
    """Until the weight has settled; then staff is called."""
    complete_s: Seconds = Timing().complete_s
    """After too light a weight: time to put the rest on the belt."""
    carry_s: Seconds = Timing().carry_s
    """The belt runs on so long after the goods left the exit barrier."""
    carry_limit_s: Seconds = Timing().carry_limit_s
    """Until the goods are off the belt; then staff is called."""
    pass_s: Seconds = Timing().pass_s
    """The gate stays open so long for one shopper."""
    refused_s: Seconds = Timing().refused_s
    """How long a refusal is shown."""
    audit_s: Seconds = Timing().audit_s
    """How long an order waits for staff."""
    siren_s: Seconds = Timing().siren_s
    """How long the siren sounds; the red light stays until staff silences the alarm."""
    tie_s: Seconds = Timing().tie_s
    """So long after somebody walked out, an alarm at the pedestal is theirs."""

    def timing(self) -> Timing:
        """Return what the lane machine waits."""
        return Timing(**self.model_dump())


class GateSettings(ProgramSettings):
    """The whole file."""

    language: Literal["en", "zh"] = "en"
    """What the lanes speak; displays show both languages."""
    store: StoreSettings
    speaker: SpeakerSettings = SpeakerSettings()
    """How the lanes speak."""
    lanes: Annotated[tuple[LaneSettings, ...], Field(min_length=1, max_length=LANES_MAX)]
    weighing: WeighingSettings = WeighingSettings()
    checks: CheckSettings = CheckSettings()
    timing: TimingSettings = TimingSettings()

    @model_validator(mode="after")
    def _no_doubles(self) -> GateSettings:
        names = [lane.name for lane in self.lanes]
        urls = [url for lane in self.lanes for url in lane.urls]
        for what, values in (("lane name", names), ("device url", urls)):
            doubles = sorted({value for value in values if values.count(value) > 1})
            if doubles:
                raise ValueError(f"each {what} may stand once only; twice there is {', '.join(doubles)}")
        return self
