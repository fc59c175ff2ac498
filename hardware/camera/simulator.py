"""A simulated camera that looks at a hand holding an article: what it sees is drawn, frame by frame.

The frames hold what makes reading hard in a shop: perspective, turning, defocus, motion, noise, shade and reflections. The
symbols come from the GS1 patterns in :mod:`hardware.camera.symbol`, not from a decoder's own writer.
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.camera.package import SYMBOLOGIES, draw_package
from hardware.camera.scene import HEIGHT_PX, WIDTH_PX, Difficulty, Scene, black_jpeg
from hardware.camera.symbol import SymbolError

START_UP_S = 1.0
"""How long the picture is black after power comes back."""
PAINT_STEP = 0.381966
"""Golden share of the colour circle: neighbouring articles look different."""


class CameraOptions(BaseModel):
    """What the camera sees from the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = ""
    """An article that is before the camera from the start; empty: none."""
    symbology: str = "EAN13"
    difficulty: Difficulty = Difficulty.EASY


def build(options: Mapping[str, JsonValue], seed: int) -> CameraSimulator:
    """Make a camera from the bench's settings; raises ValueError when they make no sense."""
    return CameraSimulator(CameraOptions.model_validate(dict(options)), seed)


class CameraSimulator:
    """A camera and what is before it."""

    def __init__(self, options: CameraOptions, seed: int = 0) -> None:
        self._seed = seed
        self._shown = 0
        self._frames = 0
        self._dark_until_s: float | None = None
        self._article: dict[str, JsonValue] = {}
        self._empty = Scene((seed, 0), Difficulty.EASY, None)
        self._scene = self._empty
        if options.code:
            self.show(options.code, options.symbology, options.difficulty.value)

    def jpeg(self, now_s: float) -> bytes:
        """Return what the camera sees at ``now_s`` as a JPEG file of 1280x720."""
        self._frames += 1
        if self._dark_until_s is not None and now_s < self._dark_until_s:
            return black_jpeg()
        return self._scene.jpeg(now_s)

    def facts(self) -> dict[str, JsonValue]:
        """Return what is before the camera."""
        return {
            "shows": self._article.get("code"),
            "article": dict(self._article) or None,
            "shown_so_far": self._shown,
            "frames_taken": self._frames,
            "picture": f"{WIDTH_PX}x{HEIGHT_PX}",
        }

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do."""
        return {"show": self.show, "clear": self.clear, "power_cycle": self.power_cycle}

    def show(self, code: str, symbology: str = "EAN13", difficulty: str = "easy", name: str = "") -> JsonValue:
        """Hold an article before the camera.

        Symbology is EAN13, EAN8, UPCA or QR; difficulty is easy, moderate or hard; the name is printed on the package.
        """
        if symbology not in SYMBOLOGIES:
            raise ActionError(f"the camera can be shown {', '.join(SYMBOLOGIES)}, not {symbology!r}")
        try:
            level = Difficulty(difficulty)
        except ValueError:
            raise ActionError(f"difficulty is easy, moderate or hard, not {difficulty!r}") from None
        try:
            package = draw_package(str(code), symbology, str(name), self._paint())
        except SymbolError as error:
            raise ActionError(str(error)) from None
        self._shown += 1
        self._scene = Scene((self._seed, self._shown), level, package)
        self._article = {"code": str(code), "symbology": symbology, "difficulty": difficulty, "name": str(name)}
        return dict(self._article)

    def clear(self) -> JsonValue:
        """Take the article away."""
        self._scene = self._empty
        self._article = {}
        return None

    def power_cycle(self, now_s: float) -> JsonValue:
        """Switch the camera off and on: the picture is black while it starts; what is before it stays there."""
        self._dark_until_s = now_s + START_UP_S
        return None

    def _paint(self) -> tuple[int, int, int]:
        red, green, blue = colorsys.hsv_to_rgb((self._seed + self._shown) * PAINT_STEP % 1.0, 0.35, 0.9)
        return round(255 * blue), round(255 * green), round(255 * red)
