"""Every sentence that a lane says, in English and Chinese. Names in braces are filled in by whoever says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Texts: TypeAlias = Mapping[str, str]
"""Language code to sentence; "en" and "zh" are always there."""

OF_STATE: Mapping[str, Texts] = {
    "IDLE": {"en": "Welcome. Please show the exit code on your receipt.", "zh": "欢迎。请出示小票上的出门码。"},
    "CHECKING": {"en": "One moment, we are checking your receipt.", "zh": "请稍候，正在核对您的小票。"},
    "WEIGHING": {"en": "Please put all your goods on the belt.", "zh": "请将全部商品放在传送带上。"},
    "DEACTIVATING": {
        "en": "Thank you. Please collect your goods at the end of the belt.",
        "zh": "谢谢。请在传送带末端取回商品。",
    },
    "PASSING": {"en": "The gate is open. Thank you and goodbye.", "zh": "闸门已打开。谢谢光临，再见。"},
    "ALARM": {
        "en": "Please wait here. A tag was not removed; our staff is coming to help.",
        "zh": "请在此稍候。有防盗标签未解除，工作人员马上来帮您。",
    },
    "FIRE": {
        "en": "Fire alarm. The gate is open: leave the building now, leave your goods.",
        "zh": "火警。闸门已打开，请立即离开，不要携带商品。",
    },
}
"""By the name of the lane's state."""

OF_REASON: Mapping[str, Texts] = {
    "WEIGHT_DIFFERS": {
        "en": "Please wait a moment: the weight does not fit the order. Our staff is coming.",
        "zh": "请稍候：重量与订单不符，工作人员马上就来。",
    },
    "NO_STABLE_WEIGHT": {
        "en": "Please wait a moment: we could not weigh your goods. Our staff is coming.",
        "zh": "请稍候：无法称量您的商品，工作人员马上就来。",
    },
    "PART_FAILED": {
        "en": "Please wait a moment: the lane has a fault. Our staff is coming.",
        "zh": "请稍候：通道出现故障，工作人员马上就来。",
    },
    "GOODS_STUCK": {
        "en": "Please take your goods off the belt. Our staff is coming.",
        "zh": "请取走传送带上的商品，工作人员马上就来。",
    },
    "RECORD_FAILED": {
        "en": "Please wait a moment: we cannot open by ourselves. Our staff is coming.",
        "zh": "请稍候：暂时无法自动开门，工作人员马上就来。",
    },
    "INTERRUPTED": {
        "en": "Please wait a moment: your exit was interrupted. Our staff is coming.",
        "zh": "请稍候：您的离店过程被中断，工作人员马上就来。",
    },
    "NO_ANSWER": {
        "en": "We could not check your receipt. Please show it again.",
        "zh": "未能核对您的小票，请再出示一次。",
    },
    "NO_GOODS": {
        "en": "No goods came on the belt. Please show your receipt again when you are ready.",
        "zh": "传送带上没有商品。准备好后请再次出示小票。",
    },
    "OUT_OF_SERVICE": {
        "en": "This lane is out of service. Please use another lane or ask the staff.",
        "zh": "本通道暂停服务。请使用其他通道或询问工作人员。",
    },
    "SENT_BACK": {
        "en": "Please take your goods back; our staff will help you.",
        "zh": "请取回商品，工作人员会为您处理。",
    },
    "NOBODY_CAME": {
        "en": "We could not finish here. Please take your goods and ask the staff.",
        "zh": "未能完成。请取回商品并询问工作人员。",
    },
    "BEYOND_CAPS": {
        "en": "We cannot check this receipt right now. Please wait a moment: our staff is coming.",
        "zh": "暂时无法核对此小票，请稍候，工作人员马上就来。",
    },
    "OTHERS_GOODS": {
        "en": "One moment please: somebody else's goods still lie on the belt. Our staff is coming to clear it.",
        "zh": "请稍候：传送带上还有其他顾客的商品，工作人员马上来清理。",
    },
    "CHECK": {
        "en": "A short check by our staff, as we do now and then. Thank you for a moment's patience.",
        "zh": "工作人员将做一次例行抽查，请稍候，谢谢配合。",
    },
}
"""By the name of the reason for which the lane audits or refuses."""

OPEN_LONGER: Texts = {
    "en": "The gate stays open for a while. Take your time.",
    "zh": "闸门会多开一会儿，请慢慢通过。",
}
KEEP_ENTRY_FREE: Texts = {
    "en": "Please keep the beginning of the belt free; your goods go on then.",
    "zh": "请勿在传送带入口放置物品，移开后您的商品会继续前进。",
}
PAYMENT_NOT_CHECKED: Texts = {
    "en": "Please wait a moment: we could not check your payment. Our staff is coming.",
    "zh": "请稍候：暂时无法核对您的付款，工作人员马上就来。",
}
UNPAID_TAGS: Texts = {
    "en": "Please wait here: {names} is not on your receipt. Our staff is coming to help.",
    "zh": "请在此稍候：{names}不在您的小票上，工作人员马上来帮您。",
}
ADD_THE_REST: Texts = {
    "en": "Some goods seem to be missing. Please put everything on the belt.",
    "zh": "似乎还有商品未放上。请将全部商品放在传送带上。",
}
PAY: Mapping[str, Texts] = {
    "KIOSK": {
        "en": "Order {number}: {due} more to pay. Please pay at a kiosk; your goods stay here.",
        "zh": "订单 {number}：还需支付 {due}。请到自助付款机付款，商品留在此处。",
    },
    "HANDHELDS": {
        "en": "Order {number}: {due} more to pay. Please pay on your handheld or phone; your goods stay here.",
        "zh": "订单 {number}：还需支付 {due}。请在手持机或手机上付款，商品留在此处。",
    },
    "BOTH": {
        "en": "Order {number}: {due} more to pay. Please pay at a kiosk, or on your handheld or phone; your goods stay here.",
        "zh": "订单 {number}：还需支付 {due}。请到自助付款机，或在手持机、手机上付款，商品留在此处。",
    },
}
"""By where the lane's shoppers pay."""
WELCOME: Mapping[str, Texts] = {
    "KIOSK": OF_STATE["IDLE"],
    "HANDHELDS": {
        "en": "Welcome. Please show the exit code on your handheld or phone.",
        "zh": "欢迎。请出示手持机或手机上的出门码。",
    },
    "BOTH": {
        "en": "Welcome. Please show the exit code on your receipt, handheld or phone.",
        "zh": "欢迎。请出示小票、手持机或手机上的出门码。",
    },
}
"""By where the lane's shoppers have paid."""
UNPAID: Mapping[str, Texts] = {
    "KIOSK": {"en": "This order is not paid yet. Please pay at a kiosk first.", "zh": "此订单尚未付款。请先到自助付款机付款。"},
    "HANDHELDS": {
        "en": "This order is not paid yet. Please pay on your handheld or phone first.",
        "zh": "此订单尚未付款。请先在手持机或手机上付款。",
    },
    "BOTH": {
        "en": "This order is not paid yet. Please pay at a kiosk, or on your handheld or phone first.",
        "zh": "此订单尚未付款。请先到自助付款机，或在手持机、手机上付款。",
    },
}
"""The same."""
USED: Texts = {
    "en": "This receipt was already used to leave, at {time} through {lane}. If you are still inside, please ask the staff.",
    "zh": "此小票已于 {time} 在通道 {lane} 使用过。如您尚未离店，请询问工作人员。",
}

REFUSALS_ZH: Mapping[str, str] = {
    "UNKNOWN_ORDER": "没有找到此订单，请重新扫描。",
    "NOT_A_PASS": "这不是本店小票上的码。请出示小票上的出门码。",
    "FORGED": "此码无效。请询问工作人员。",
    "WRONG_KIND": "此订单尚未付款。请先到自助付款机付款。",
    "OTHER_SHOP": "此订单是在其他门店支付的，请询问工作人员。",
    "REVOKED": "此小票已作废：订单已退款或取消。请询问工作人员。",
    "LANES_TAKEN": "本店通道由另一台闸机控制器管理。",
    "TOO_MANY": "错误次数过多。请稍候，或询问工作人员。",
    "NOT_YET_VALID": "此小票尚未生效。请询问工作人员。",
    "EXPIRED": "此小票已过期。请询问工作人员。",
    "UNPAID": "此订单尚未付款。请先到自助付款机付款。",
    "ALREADY_USED": "此小票已使用过。如您尚未离店，请询问工作人员。",
    "SUPERSEDED": "此订单有更新的小票，请出示新的小票。",
    "OFFLINE_CAP": "暂时无法核对此小票，工作人员马上来帮您。",
    "BUSY_ELSEWHERE": "此订单正在其他通道处理。",
    "WRONG_STATE": "此订单目前无法离店。请询问工作人员。",
}
"""By the name of the refusal; the English sentences are the contract's."""

EXPLANATIONS: Mapping[str, Texts] = {
    "missing_scan": {"en": "Probably not scanned: {name} (about {grams} g).", "zh": "可能漏扫：{name}（约{grams}克）。"},
    "scanned_twice": {
        "en": "Probably scanned once too often: {name} (about {grams} g).",
        "zh": "可能多扫了一次：{name}（约{grams}克）。",
    },
    "left_behind": {
        "en": "Probably scanned but not on the belt: {name} (about {grams} g).",
        "zh": "可能已扫码但未放上传送带：{name}（约{grams}克）。",
    },
    "swapped": {
        "en": "Probably {other} was taken instead of {name}, which was scanned (about {grams} g of difference).",
        "zh": "可能扫了{name}，实际拿的是{other}（相差约{grams}克）。",
    },
    "own_bag": {
        "en": "Perhaps a bag of your own lies on the belt (about {grams} g).",
        "zh": "传送带上可能有您自带的袋子（约{grams}克）。",
    },
    "two_missing_scan": {
        "en": "Probably two articles were not scanned: {name} and {other} (about {grams} g together).",
        "zh": "可能有两件商品漏扫：{name}和{other}（共约{grams}克）。",
    },
    "two_left_behind": {
        "en": "Probably two articles are not on the belt: {name} and {other} (about {grams} g together).",
        "zh": "可能有两件商品未放上传送带：{name}和{other}（共约{grams}克）。",
    },
    "unknown": {"en": "No single article explains {grams} g.", "zh": "没有单件商品能解释{grams}克的差异。"},
}
"""By the kind of hypothesis."""
