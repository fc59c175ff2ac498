"""Live tag: a tag that was not deactivated passes the pedestal; light, siren, staff page."""

from __future__ import annotations

from demo import plan
from demo.trips import steps
from demo.trips.cast import Cast
from demo.waiting import wait_for

RED, SIREN = 2, 5


def play(cast: Cast) -> None:
    """Play the trip."""
    cast.story.begin("live tag", "somebody carries a bottle past the pedestal that no lane has disarmed")

    def carry() -> bool:
        cast.world.carry_live_tag()
        return wait_for(lambda: _outputs(cast)[RED] and _outputs(cast)[SIREN], "red light and siren", 10)

    cast.story.step(
        "carry a live tag through the pedestal",
        "red light and siren",
        carry,
        lambda _: "red light and siren are on",
    )
    cast.story.step(
        "look at the lane's report",
        "it says ALARM",
        lambda: steps.wait_for_lane(cast, "alarm"),
        lambda said: str(said["headline"]["en"]),
    )
    _silence(cast)
    cast.story.step(
        "wait",
        "siren off, the lane serves again",
        lambda: (steps.wait_for_lane(cast, "idle"), wait_for(lambda: not _outputs(cast)[SIREN], "silence", 10)),
        lambda _: "the siren is off, the lane serves again",
    )


def _silence(cast: Cast) -> None:
    page = cast.page
    if page is None:
        cast.story.step(
            "staff silences it (no browser here: over HTTP)",
            "the command is taken",
            lambda: cast.staff.command("silence_alarm", "bottle taken back"),
        )
        return

    def silence() -> None:
        page.wait_for_text("alarm")
        page.picture("staff-alarm")
        page.silence()

    cast.story.step("staff silences it on the staff page", "the page shows the alarm and silences it", silence)


def _outputs(cast: Cast) -> list[bool]:
    return [bool(output) for output in cast.world.bench.facts(plan.LANE_IO)["outputs"]]
