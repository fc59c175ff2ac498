"""A window to play the world: show articles, insert cash, lay goods on the belt, carry tags, unplug devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from demo import plan
from demo.bench import Bench
from demo.catalogue import Product
from demo.device_window import DeviceWindow
from demo.kiosk_truth import recycler_line, terminal_line
from demo.staff import StaffApi
from demo.world import COINS_MINOR, NOTES_MINOR, World
from program.qt.background import Background

REFRESH_MS = 1000
LABEL_GRAMS = (50, 5000, 850)
"""Smallest, largest and usual weight on a printed label."""


_TRUTH = {plan.KIOSK_RECYCLER: recycler_line, plan.KIOSK_TERMINAL: terminal_line}


@dataclass
class Bag:
    """What the shopper really carries."""

    pieces: list[tuple[str, float]] = field(default_factory=list)
    live_tags: int = 0

    @property
    def grams(self) -> float:
        """The bag's true weight."""
        return sum(grams for _, grams in self.pieces)

    def __str__(self) -> str:
        tags = f", {self.live_tags} with a live tag" if self.live_tags else ""
        return f"In the bag: {len(self.pieces)} pieces, {self.grams:.0f} g{tags}"


class BenchWindow(QWidget):
    """The operator's side of the simulated world."""

    def __init__(self, world: World, staff: StaffApi, staff_url: str) -> None:
        super().__init__()
        self._staff = staff
        self.setWindowTitle("Scanlane bench")
        self.resize(460, 940)
        self._world = world
        self._bag = Bag()
        self._exit_pass = ""
        self._every_device: DeviceWindow | None = None
        self._hands = Background("bench-hands", self)
        self._eyes = Background("bench-eyes", self)
        self._said = QLabel(f"Staff page: {staff_url}")
        self._said.setObjectName("said")
        self._said.setWordWrap(True)
        self._said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bag_label = QLabel(str(self._bag))
        self._lane_says = QLabel("The lane's display")
        self._lane_says.setObjectName("lane-says")
        self._lane_says.setWordWrap(True)
        self._kiosk_truth = {name: QLabel() for name in _TRUTH}
        self._device_rows: dict[str, tuple[QLabel, QPushButton]] = {}
        self._devices = QGridLayout()
        layout = QVBoxLayout(self)
        for group in (self._shelf(), self._kiosk(), self._lane(), self._device_list()):
            layout.addWidget(group)
        layout.addWidget(self._said)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(REFRESH_MS)

    def end(self) -> None:
        """Stop the workers."""
        self._timer.stop()
        if self._every_device is not None:
            self._every_device.end()
            self._every_device.close()
        self._hands.stop()
        self._eyes.stop()

    # groups

    def _shelf(self) -> QGroupBox:
        group = QGroupBox("1  Shelf and handheld")
        layout = QVBoxLayout(group)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search the shelf: name or department")
        self._search.textChanged.connect(self._fill_shelf)
        self._shelf_list = QListWidget()
        self._shelf_list.setMinimumHeight(150)
        self._grams = QSpinBox()
        self._grams.setRange(*LABEL_GRAMS[:2])
        self._grams.setValue(LABEL_GRAMS[2])
        self._grams.setSuffix(" g on the label of weighed goods")
        layout.addWidget(self._search)
        layout.addWidget(self._shelf_list)
        layout.addWidget(self._grams)
        row = QHBoxLayout()
        row.addWidget(_button("Show to the camera, into the bag", self._scan))
        row.addWidget(_button("Into the bag unseen", self._sneak))
        layout.addLayout(row)
        layout.addWidget(self._bag_label)
        self._fill_shelf("")
        return group

    def _kiosk(self) -> QGroupBox:
        group = QGroupBox("2  Kiosk")
        layout = QVBoxLayout(group)
        layout.addWidget(_button("Hold the handheld's code to the scanner", self._show_claim))
        cash = QHBoxLayout()
        for value in (*NOTES_MINOR, *COINS_MINOR):
            cash.addWidget(_button(f"¥{value / 100:g}", partial(self._insert, value)))
        layout.addLayout(cash)
        cards = QHBoxLayout()
        cards.addWidget(_button("Hold a card to the terminal", self._pay_by_card))
        cards.addWidget(_button("A card that is declined", partial(self._pay_by_card, "refuse")))
        layout.addLayout(cards)
        layout.addWidget(_button("Take change and receipt", self._take_receipt))
        for truth in self._kiosk_truth.values():
            truth.setWordWrap(True)
            layout.addWidget(truth)
        return group

    def _lane(self) -> QGroupBox:
        group = QGroupBox("3  Exit lane")
        layout = QGridLayout(group)
        layout.addWidget(_button("Hold the receipt to the scanner", self._show_pass), 0, 0)
        layout.addWidget(_button("Lay the bag on the belt", self._lay), 0, 1)
        layout.addWidget(_button("Walk through the gate", self._walk), 1, 0)
        layout.addWidget(_button("Carry a live tag past", self._carry_tag), 1, 1)
        layout.addWidget(self._lane_says, 2, 0, 1, 2)
        return group

    def _device_list(self) -> QGroupBox:
        group = QGroupBox("Devices")
        layout = QVBoxLayout(group)
        layout.addLayout(self._devices)
        layout.addWidget(_button("Every device: facts, actions, faults", self._show_every_device))
        return group

    # actions

    def _fill_shelf(self, text: str) -> None:
        self._shelf_list.clear()
        for product in self._world.range.values():
            if text.lower() in f"{product.name_en} {product.name_zh} {product.department}".lower():
                item = QListWidgetItem(f"{product.name_en}   {product.name_zh}   ¥{product.unit_price_minor / 100:.2f}")
                item.setData(Qt.ItemDataRole.UserRole, product.name_en)
                self._shelf_list.addItem(item)
        self._shelf_list.setCurrentRow(0)

    def _chosen(self) -> tuple[Product, int | None] | None:
        if self._shelf_list.currentRow() < 0:
            self._say("Choose an article on the shelf first.")
            return None
        item = self._shelf_list.currentItem()
        product = self._world.range[str(item.data(Qt.ItemDataRole.UserRole))]
        return product, self._grams.value() if product.sold_by == "weight" else None

    def _into_bag(self, product: Product, grams: int | None) -> None:
        self._bag.pieces.append((product.name_en, self._world.real_grams(product.name_en, grams=grams)))
        self._bag.live_tags += product.eas
        self._bag_label.setText(str(self._bag))

    def _scan(self) -> None:
        if (chosen := self._chosen()) is not None:
            product, grams = chosen
            self._into_bag(product, grams)
            self._do(lambda: self._world.show(product.name_en, grams=grams), f"The handheld read {product.name_en}.")

    def _sneak(self) -> None:
        if (chosen := self._chosen()) is not None:
            self._into_bag(*chosen)
            self._say(f"{chosen[0].name_en} went into the bag without a scan.")

    def _show_claim(self) -> None:
        self._do(lambda: self._world.show_to_kiosk(self._world.claim_on_handheld()), "The kiosk's scanner read the handheld.")

    def _insert(self, minor: int) -> None:
        insert = self._world.insert_note if minor in NOTES_MINOR else self._world.insert_coin
        self._do(lambda: insert(minor), f"¥{minor / 100:g} inserted.")

    def _pay_by_card(self, does: str = "approve") -> None:
        self._do(lambda: self._world.hold_card_to_terminal(does), "The card was held to the terminal.")

    def _take_receipt(self) -> None:
        def take() -> None:
            self._world.take_money()
            self._exit_pass = self._world.take_receipt("receipt")

        self._do(take, "You hold your change and the receipt.")

    def _show_pass(self) -> None:
        if not self._exit_pass:
            self._say("You hold no receipt yet: pay at the kiosk and take it.")
            return
        self._do(lambda: self._world.show_to_lane(self._exit_pass), "The lane's scanner read the receipt.")

    def _lay(self) -> None:
        grams, tags = self._bag.grams, self._bag.live_tags

        def lay() -> None:
            self._world.lay_on_belt(grams, live_tags=tags)

        self._do(lay, f"{grams:.0f} g lie on the belt.")

    def _walk(self) -> None:
        def out() -> None:
            self._world.walk_through()

        self._do(out, "You are out.", self._new_bag)

    def _new_bag(self) -> None:
        self._bag = Bag()
        self._exit_pass = ""
        self._bag_label.setText(str(self._bag))

    def _carry_tag(self) -> None:
        self._do(self._world.carry_live_tag, "A live tag passed the pedestal.")

    def _show_every_device(self) -> None:
        if self._every_device is None:
            self._every_device = DeviceWindow(Bench(self._world.bench.url))
        self._every_device.show()
        self._every_device.raise_()

    def _plug(self, name: str, *, plugged: bool) -> None:
        action = "unplug" if plugged else "replug"
        self._do(lambda: self._world.bench.do(name, action), f"{name}: {action}ged.")

    # telling and looking

    def _do(self, act: Callable[[], object], told: str, after: Callable[[], None] | None = None) -> None:
        def done(_: object) -> None:
            self._say(told)
            if after is not None:
                after()

        self._hands.run(act, done, lambda error: self._say(str(error)))

    def _say(self, text: str) -> None:
        self._said.setText(text)

    def _look(self) -> None:
        self._eyes.run(self._world.bench.devices, self._show_devices, lambda error: self._say(str(error)))
        self._eyes.run(self._staff.lane, self._show_lane, lambda error: self._lane_says.setText(str(error)))

    def _show_lane(self, report: dict[str, Any]) -> None:
        if report:
            self._lane_says.setText(f"{report['lane']} ({report['state']}): {report['headline']['en']}")

    def _show_devices(self, devices: list[dict[str, Any]]) -> None:
        for device in devices:
            name = str(device["name"])
            if name in self._kiosk_truth:
                self._kiosk_truth[name].setText(_TRUTH[name](device["facts"]))
        wired = [device for device in devices if device.get("url")]
        for row, device in enumerate(wired):
            name, plugged = str(device["name"]), bool(device["plugged"])
            if name not in self._device_rows:
                label, button = QLabel(name), QPushButton()
                button.clicked.connect(partial(self._toggle, name))
                self._devices.addWidget(label, row // 2, row % 2 * 2)
                self._devices.addWidget(button, row // 2, row % 2 * 2 + 1)
                self._device_rows[name] = (label, button)
            label, button = self._device_rows[name]
            label.setText(name if plugged else f"{name}: UNPLUGGED")
            button.setText("Unplug" if plugged else "Plug in")

    def _toggle(self, name: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt passes it
        self._plug(name, plugged=self._device_rows[name][1].text() == "Unplug")


def _button(text: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda: act())  # noqa: PLW0108 - the signal's ``checked`` must not reach ``act``
    return button
