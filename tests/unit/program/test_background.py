from __future__ import annotations

import threading
from functools import partial

from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from program.qt.background import Background
from program.qt.bridge import Bridge

WAIT_MS = 5000


def test_the_work_is_done_elsewhere_and_answered_here(qtbot: QtBot) -> None:
    background = Background("test")
    answers: list[tuple[int, bool]] = []
    here = threading.get_ident()
    background.run(threading.get_ident, lambda ident: answers.append((ident, threading.get_ident() == here)), raising)
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
    background.stop()
    (ident, answered_here), *more = answers
    assert not more
    assert ident != here
    assert answered_here


def test_a_failure_is_answered_here_too(qtbot: QtBot) -> None:
    background = Background("test")
    failures: list[Exception] = []

    def fail() -> int:
        raise ValueError("no")

    background.run(fail, lambda _: failures.append(AssertionError("succeeded")), failures.append)
    qtbot.waitUntil(lambda: bool(failures), timeout=WAIT_MS)
    background.stop()
    assert repr(failures) == "[ValueError('no')]"


def test_answers_keep_the_order_of_the_questions(qtbot: QtBot) -> None:
    background = Background("test")
    answers: list[int] = []
    for number in range(50):
        background.run(partial(int, number), answers.append, raising)
    qtbot.waitUntil(lambda: len(answers) == 50, timeout=WAIT_MS)
    background.stop()
    assert answers == list(range(50))


def test_after_the_stop_nothing_is_answered(qtbot: QtBot) -> None:
    background = Background("test")
    answers: list[str] = []
    release, begun = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        release.wait(WAIT_MS / 1000)
        return "slow"

    background.run(slow, answers.append, raising)
    background.run(lambda: "waiting", answers.append, raising)
    assert begun.wait(WAIT_MS / 1000)
    threading.Timer(0.05, release.set).start()
    background.stop()
    background.run(lambda: "late", answers.append, raising)
    seen: list[object] = []
    bridge = Bridge()
    bridge.arrived.connect(seen.append)
    bridge.carry("everything queued before this was delivered")
    qtbot.waitUntil(lambda: bool(seen), timeout=WAIT_MS)
    assert answers == []


def test_a_bridge_carries_events_of_many_threads_to_its_own(qtbot: QtBot) -> None:
    bridge = Bridge()
    arrived: list[tuple[tuple[int, int], bool]] = []
    home = QThread.currentThread()
    bridge.arrived.connect(lambda event: arrived.append((event, QThread.currentThread() is home)))

    def send(number: int) -> None:
        for place in range(20):
            bridge.carry((number, place))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert arrived == [], "a queued signal waits for the event loop"
    qtbot.waitUntil(lambda: len(arrived) == 80, timeout=WAIT_MS)
    assert all(at_home for _, at_home in arrived)
    for number in range(4):
        assert [event for event, _ in arrived if event[0] == number] == [(number, i) for i in range(20)]


def raising(problem: object) -> None:
    raise AssertionError(problem)
