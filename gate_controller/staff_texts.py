"""What staff reads about a lane besides its display: why a check, what the scale cannot see, what the gate found.

In English and Chinese. Names in braces are filled in by whoever says it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from gate_controller.texts import Texts

Money: TypeAlias = Callable[[int], str]
"""Writes an amount of minor units as people read it."""

RISK_CHANCE: Texts = {
    "en": "Chance of a random check: {chance} (everybody's is {floor}).",
    "zh": "抽查概率：{chance}（基础概率为 {floor}）。",
}
RISK_OFF: Texts = {
    "en": "Random checks are switched off (checks.ceiling is 0).",
    "zh": "随机抽查已关闭（checks.ceiling 为 0）。",
}
RISK_TOO_BLIND: Texts = {
    "en": "Always checked: too many articles that nobody weighed yet; {grams} g more would not be noticed.",
    "zh": "必须检查：未称过重量的商品过多，多出 {grams} 克也无法察觉。",
}
RISK_FACTOR: Texts = {"en": "x {times}: {what}", "zh": "x {times}：{what}"}
RISK_VALUE: Texts = {"en": "the goods are worth {worth}", "zh": "商品价值 {worth}"}
RISK_BLIND: Texts = {
    "en": "the scale cannot see less than {grams} g here, such as {name} ({price})",
    "zh": "此处秤分辨不出 {grams} 克以下的商品，例如{name}（{price}）",
}
RISK_UNWEIGHED: Texts = {
    "en": "{count} of {pieces} pieces were never weighed",
    "zh": "{pieces} 件商品中有 {count} 件没有重量资料",
}
RISK_WITHOUT_SERVER: Texts = {"en": "the store server was not asked", "zh": "未能向门店服务器核实"}
RISK_WRONG: Texts = {
    "en": "{count} earlier checks of this member found something unpaid",
    "zh": "该会员此前有 {count} 次检查发现未付款商品",
}
RISK_CLEAN: Texts = {
    "en": "{count} earlier checks of this member found nothing",
    "zh": "该会员此前 {count} 次检查均无问题",
}
RISK_KNOWN: Texts = {"en": "this member left {count} times lately", "zh": "该会员近期已离店 {count} 次"}

CHECK_DRAWN: Texts = {"en": "Random check.", "zh": "随机抽查。"}
CHECK_ASKED: Texts = {"en": "{staff} asks for a check.", "zh": "{staff} 要求检查。"}
CHECK_FAILED: Texts = {
    "en": "The sample did not fit the order: scan everything.",
    "zh": "抽查结果与订单不符：请全部重新扫描。",
}

BLIND_BELOW: Texts = {
    "en": "A single article lighter than {grams} g may go unnoticed by the scale.",
    "zh": "低于 {grams} 克的单件商品，秤可能察觉不到。",
}
BLIND_DEAREST: Texts = {
    "en": "The dearest of these without a tag: {name} ({price}).",
    "zh": "其中无防盗标签的最贵商品：{name}（{price}）。",
}
BLIND_UNKNOWN: Texts = {
    "en": "Nobody has weighed {names} yet.",
    "zh": "尚无重量资料：{names}。",
}

UNKNOWN_TAG: Texts = {"en": "a tag of another kind ({epc})", "zh": "其他标签（{epc}）"}
UNKNOWN_ARTICLE: Texts = {"en": "article {code}", "zh": "商品 {code}"}


WEIGHT_LEARNED: Texts = {
    "en": "{name}: {before} g before, {after} g learned from exits.",
    "zh": "{name}：原 {before} 克，根据离店称重学到 {after} 克。",
}
WEIGHT_VOUCHED: Texts = {
    "en": "{name}: {before} g before, {after} g says {staff}.",
    "zh": "{name}：原 {before} 克，{staff} 确认为 {after} 克。",
}
WEIGHT_ASKED: Mapping[str, Texts] = {
    "moved": {
        "en": "{name}: known as {before} g, exits say {after} g. Put one on a scale: is {after} g right?",
        "zh": "{name}：登记 {before} 克，离店称重显示 {after} 克。请称一件核对：{after} 克是否正确？",
    },
    "packaging": {
        "en": "{name}: some weigh {after} g in place of {before} g. New packaging? Is {after} g right?",
        "zh": "{name}：部分重 {after} 克而非 {before} 克。是否换了包装？{after} 克是否正确？",
    },
}
"""By why staff is asked."""

OF_FAULT: Mapping[str, Texts] = {
    "SCANNER": {"en": "The scanner does not answer.", "zh": "扫描器无响应。"},
    "SCALE": {"en": "The scale does not answer.", "zh": "秤无响应。"},
    "SCALE_ZERO": {
        "en": "Something lies on the empty belt, or the scale has drifted.",
        "zh": "空传送带上有物品，或秤的零点漂移。",
    },
    "SCALE_DRIFT": {
        "en": "The scale drifts: its weights do not fit honest baskets any more. Have it checked; nobody is to blame.",
        "zh": "秤发生漂移：正常购物的重量也不再相符。请检修秤，与顾客无关。",
    },
    "IO_MODULE": {"en": "The I/O module does not answer.", "zh": "输入输出模块无响应。"},
    "EMERGENCY_STOP": {"en": "The emergency stop is pressed.", "zh": "急停按钮已按下。"},
    "BELT": {"en": "The belt reports a fault.", "zh": "传送带报告故障。"},
    "RFID_READER": {"en": "The RFID reader at the gate does not answer.", "zh": "闸门处的 RFID 读写器无响应。"},
    "KEYPAD": {"en": "The keypad does not answer.", "zh": "数字键盘无响应。"},
    "PEDESTAL": {
        "en": "The pedestal still senses a tag: take it away, or have the pedestal checked. Until then it notices nobody else.",
        "zh": "检测门仍感应到标签：请移走标签或检修检测门，否则无法发现其他标签。",
    },
    "RECORD": {
        "en": "The gate controller's disk is full or fails: nobody can be let out but with the key. Make room or call support.",
        "zh": "闸机控制器的磁盘已满或故障：只能用钥匙放行。请清理磁盘或联系技术支持。",
    },
    "ARBITER": {
        "en": "Another gate controller runs the lanes of this shop.",
        "zh": "本店通道由另一台闸机控制程序管理。",
    },
}
"""By the fault's name."""


def filled(said: Texts, **values: str | Texts) -> Texts:
    """Fill a text's gaps, each language with its own words.

    >>> filled({"en": "{what} for {price}", "zh": "{what}，{price}"}, what={"en": "Milk", "zh": "牛奶"}, price="¥12.80")
    {'en': 'Milk for ¥12.80', 'zh': '牛奶，¥12.80'}
    """
    return {
        language: text.format(**{name: _in(language, value) for name, value in values.items()})
        for language, text in said.items()
    }


def percent(part: float) -> str:
    """Write a part of one as people read it.

    >>> percent(0.02), percent(0.125), percent(0.004)
    ('2 %', '13 %', '0.4 %')
    """
    return f"{part * 100:.0f} %" if part >= 0.01 else f"{part * 100:.1f} %"  # noqa: PLR2004 - one percent


def _in(language: str, value: str | Texts) -> str:
    if isinstance(value, Mapping):
        return value.get(language) or value.get("en") or ""
    return value
