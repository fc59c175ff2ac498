"""The whole driver over real HTTP, a real video file and real photos on disk."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.camera.driver import CameraDriver, Watch
from hardware.camera.package import draw_package
from hardware.camera.simulator import build
from hardware.connection import State

from .conftest import NetworkCamera, Own

MILK = "6901234567892"
BREAD = "9520000000011"
EGGS = "9520000000028"
LOSS_LIMIT_S = 2.0
OUT_OF_VIEW_PREVIEWS = 16
"""So many take longer than an article must be away to be new."""
FEW_PREVIEWS = 4


@pytest.mark.parametrize("difficulty", ["easy", "moderate", "hard"])
@pytest.mark.parametrize(
    ("code", "symbology", "wanted"),
    [
        (MILK, "EAN13", MILK),
        ("96385074", "EAN8", "96385074"),
        ("036000291452", "UPCA", "0036000291452"),
        ("HTTPS://SHOP.EXAMPLE/P/ABCDEFGH234567", "QR", "HTTPS://SHOP.EXAMPLE/P/ABCDEFGH234567"),
    ],
)
def test_a_shown_article_is_scanned(
    *, network_camera: NetworkCamera, own: Own, code: str, symbology: str, wanted: str, difficulty: str
) -> None:
    owner = own(network_camera.url)
    owner.wait_for_state(State.READY)
    network_camera.simulator.show(code, symbology, difficulty, "Fresh milk 鲜牛奶")
    took_s = owner.wait_for_scans(1)
    sys.stdout.write(f"{symbology} {difficulty}: {took_s:.2f} s from showing to scan\n")
    assert (owner.scans[0].text, owner.scans[0].symbology, owner.scans[0].device) == (wanted, symbology, "camera")
    owner.wait_for_frames(FEW_PREVIEWS)
    assert owner.texts == [wanted]


def test_once_while_in_view_and_again_after_it_was_away(network_camera: NetworkCamera, own: Own) -> None:
    owner = own(network_camera.url)
    network_camera.simulator.show(MILK)
    owner.wait_for_scans(1)
    owner.wait_for_frames(OUT_OF_VIEW_PREVIEWS)
    assert owner.texts == [MILK]
    network_camera.simulator.clear()
    owner.wait_for_frames(OUT_OF_VIEW_PREVIEWS)
    network_camera.simulator.show(MILK)
    owner.wait_for_scans(2)
    owner.wait_for_frames(FEW_PREVIEWS)
    assert owner.texts == [MILK, MILK]


def test_articles_one_after_the_other(network_camera: NetworkCamera, own: Own) -> None:
    owner = own(network_camera.url)
    shown = [MILK, BREAD, EGGS]
    for count, code in enumerate(shown, start=1):
        network_camera.simulator.show(code, difficulty="moderate")
        owner.wait_for_scans(count)
    assert owner.texts == shown


def test_only_wanted_symbologies_are_read(network_camera: NetworkCamera, own: Own) -> None:
    owner = own(network_camera.url, CameraDriver(symbologies=frozenset({"EAN13"})))
    network_camera.simulator.show("HTTPS://SHOP.EXAMPLE/OFFERS", "QR")
    owner.wait_for_frames(2 * FEW_PREVIEWS)
    network_camera.simulator.show(MILK)
    owner.wait_for_scans(1)
    assert owner.texts == [MILK]


def test_a_camera_that_rests_reads_nothing_is_still_missed_and_reads_again(network_camera: NetworkCamera, own: Own) -> None:
    owner = own(network_camera.url)
    owner.wait_for_frames(1)
    owner.device.perform(Watch(on=False))
    network_camera.unplug()
    owner.wait_for_state(State.LOST)
    seen = len(owner.frames)
    network_camera.plug_in()
    owner.wait_for_state(State.READY)
    network_camera.simulator.show(MILK)
    network_camera.unplug()
    owner.wait_for_state(State.LOST)
    assert (owner.texts, len(owner.frames)) == ([], seen)
    owner.device.perform(Watch(on=True))
    network_camera.plug_in()
    owner.wait_for_scans(1)
    owner.device.perform(Watch(on=False))
    owner.device.perform(Watch(on=True))
    owner.wait_for_scans(2)
    assert owner.texts == [MILK, MILK], "nobody looked meanwhile: it may be the next shopper's"


def test_the_viewfinder_gets_small_pictures_about_eight_times_a_second(network_camera: NetworkCamera, own: Own) -> None:
    owner = own(network_camera.url)
    network_camera.simulator.show(MILK)
    owner.wait_for_frames(17)
    (first_s, frame), (last_s, _) = owner.frames[4], owner.frames[16]
    rate = 12 / (last_s - first_s)
    sys.stdout.write(f"{rate:.1f} previews a second\n")
    assert 3 < rate < 9
    picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (270, 480, 3)
    assert len(frame.jpeg) < 60_000


def test_unplugging_is_told_within_two_seconds_and_heals(network_camera: NetworkCamera, own: Own) -> None:
    owner = own(network_camera.url)
    network_camera.simulator.show(MILK)
    owner.wait_for_scans(1)
    for previews in (FEW_PREVIEWS, OUT_OF_VIEW_PREVIEWS):
        network_camera.unplug()
        assert owner.wait_for_state(State.LOST) < LOSS_LIMIT_S
        assert "camera at 127.0.0.1" in owner.connections[-1].reason
        network_camera.plug_in()
        owner.wait_for_state(State.READY)
        owner.wait_for_frames(previews)
    assert owner.texts == [MILK], "it was in view all the time"
    network_camera.simulator.show(BREAD)
    owner.wait_for_scans(2)
    assert owner.texts == [MILK, BREAD]


def test_a_camera_that_starts_later_is_found(network_camera: NetworkCamera, own: Own) -> None:
    network_camera.unplug()
    owner = own(network_camera.url)
    owner.wait_for_state(State.LOST)
    network_camera.plug_in()
    owner.wait_for_state(State.READY)


def test_a_video_file(tmp_path: Path, own: Own) -> None:
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 12.0, (1280, 720))
    assert writer.isOpened()
    camera = build({}, seed=2)
    for code in (MILK, BREAD, ""):
        if code:
            camera.show(code, difficulty="moderate")
        else:
            camera.clear()
        for frame in range(12):
            writer.write(camera._scene.frame(frame / 12))
    writer.release()
    owner = own(str(path))
    owner.wait_for_scans(2)
    assert owner.connections[-1].identity.model == "video file clip.mp4"
    owner.wait_for_frames(OUT_OF_VIEW_PREVIEWS)
    assert owner.texts == [MILK, BREAD], "after its end a file shows nothing"
    assert owner.connections[-1].state is State.READY
    owner.device.stop()
    looping = own(f"{path}?loop=1", CameraDriver(preview=False))
    looping.wait_for_scans(4)
    assert looping.texts[:4] == [MILK, BREAD, MILK, BREAD]


def write_photo(path: Path, code: str) -> None:
    cv2.imwrite(str(path), draw_package(code, "EAN13", path.stem, (190, 210, 220)).image)


def test_a_folder_of_photos_in_name_order(tmp_path: Path, own: Own) -> None:
    for name, code in (("b.webp", EGGS), ("a.jpg", MILK), ("c.png", EGGS)):
        write_photo(tmp_path / name, code)
    (tmp_path / "notes.txt").write_text("no photo")
    owner = own(f"folder:{tmp_path}?hold_s=0.6")
    owner.wait_for_scans(3)
    assert owner.texts == [MILK, EGGS, EGGS], "each photo is an article of its own"
    owner.wait_for_frames(OUT_OF_VIEW_PREVIEWS)
    assert len(owner.texts) == 3, "once"
    owner.device.stop()
    looping = own(f"folder:{tmp_path}?hold_s=1.2&gap_s=0&loop=1", CameraDriver(preview=False))
    looping.wait_for_scans(3)
    assert looping.texts[:3] == [MILK, EGGS, MILK], "without a gap the same code stays in view"
