"""The gate controller's settings file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gate_controller.lane_state import Timing
from gate_controller.settling import SettlingRules
from gate_controller.weighing import WeighingRules
from program.settings import ProgramSettings, Section

LANES_MAX = 16

Seconds = Annotated[float, Field(gt=0, le=3600)]
Url = Annotated[str, Field(min_length=1, max_length=300)]


class StoreSettings(Section):
    """Where the store server is."""

    url: Url
    token: str = ""
    """What ``store-server enrol`` printed for this controller."""
    report_period_s: Seconds = 1.0
    refresh_period_s: Seconds = 30.0


class SpeakerSettings(Section):
    """How the lanes speak."""

    mode: Literal["silent", "espeak"] = "silent"


class LaneSettings(Section):
    """One lane and where its devices are."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    scanner_url: Url
    scale_url: Url
    io_url: Url


class WeighingSettings(Section):
    """How strict the lanes are."""

    false_alarm_rate: Annotated[float, Field(gt=0, lt=0.5)] = 0.005
    scale_sd_g: Annotated[float, Field(ge=0, le=1000)] = 2.0
    division_g: Annotated[float, Field(gt=0, le=1000)] = 1.0
    settle_readings: Annotated[int, Field(ge=2, le=20)] = 3
    settle_s: Seconds = 0.5

    def rules(self) -> WeighingRules:
        """Return what :mod:`gate_controller.weighing` judges by."""
        return WeighingRules(scale_sd_g=self.scale_sd_g, division_g=self.division_g, false_alarm_rate=self.false_alarm_rate)

    def settling(self) -> SettlingRules:
        """Return when a weight may be believed; readings may differ by a division, or by what the scale's noise explains."""
        within = max(self.division_g, 3 * self.scale_sd_g)
        return SettlingRules(readings=self.settle_readings, span_s=self.settle_s, within_g=within)


class TimingSettings(Section):
    """How long each wait may last; see :class:`gate_controller.lane.Timing`."""

    check_s: Seconds = Timing().check_s
    goods_s: Seconds = Timing().goods_s
    belt_s: Seconds = Timing().belt_s
    weight_s: Seconds = Timing().weight_s
    complete_s: Seconds = Timing().complete_s
    carry_s: Seconds = Timing().carry_s
    carry_limit_s: Seconds = Timing().carry_limit_s
    pass_s: Seconds = Timing().pass_s
    refused_s: Seconds = Timing().refused_s
    audit_s: Seconds = Timing().audit_s
    siren_s: Seconds = Timing().siren_s

    def timing(self) -> Timing:
        """Return what the lane machine waits."""
        return Timing(**self.model_dump())


class GateSettings(ProgramSettings):
    """The whole file."""

    language: Literal["en", "zh"] = "en"
    """What the lanes speak; displays show both languages."""
    store: StoreSettings
    speaker: SpeakerSettings = SpeakerSettings()
    lanes: Annotated[tuple[LaneSettings, ...], Field(min_length=1, max_length=LANES_MAX)]
    weighing: WeighingSettings = WeighingSettings()
    timing: TimingSettings = TimingSettings()

    @model_validator(mode="after")
    def _no_doubles(self) -> GateSettings:
        names = [lane.name for lane in self.lanes]
        urls = [url for lane in self.lanes for url in (lane.scanner_url, lane.scale_url, lane.io_url)]
        for what, values in (("lane name", names), ("device url", urls)):
            doubles = sorted({value for value in values if values.count(value) > 1})
            if doubles:
                raise ValueError(f"each {what} may stand once only; twice there is {', '.join(doubles)}")
        return self
