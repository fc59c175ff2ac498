"""Every "no" that staff can meet on their page, in Chinese; the services say it in English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from store_server.contract.refusals import Refusal

_OF_REFUSALS: Mapping[Refusal, str] = {
    Refusal.UNKNOWN_ORDER: "找不到该订单。请重新扫描手持机上的码。",
    Refusal.UNKNOWN_ARTICLE: "商品库中没有该商品。",
    Refusal.RECALLED_ARTICLE: "购物篮中有商品已被召回。请取出并收回。",
    Refusal.NOT_FOR_SALE: "购物篮中有商品不可售。请取出并收回。",
    Refusal.EMPTY_ORDER: "订单中没有商品。",
    Refusal.STALE_PRICE_BOOK: "价格已变化。手持机正在更新，请重新提交。",
    Refusal.NOT_PAYABLE: "该订单不能再付款。",
    Refusal.BUSY_ELSEWHERE: "该订单正在另一台付款机付款。",
    Refusal.ALREADY_PAID: "该订单已付款。",
    Refusal.AMOUNT_MISMATCH: "金额与订单不符。",
    Refusal.KEY_REUSED: "相同编号的请求内容不同；未作任何更改。",
    Refusal.NOT_A_PASS: "此码不是本店小票上的码。",
    Refusal.FORGED: "此码不是真码。",
    Refusal.WRONG_KIND: "该订单尚未付款。请先在付款机付款。",
    Refusal.OTHER_SHOP: "该订单是在其他门店付款的。",
    Refusal.NOT_YET_VALID: "该小票尚未生效。",
    Refusal.EXPIRED: "该小票已过期，不能凭此离店。",
    Refusal.UNPAID: "该订单尚未付款。请先在付款机付款。",
    Refusal.ALREADY_USED: "该小票已用于离店。",
    Refusal.SUPERSEDED: "该订单有更新的小票，请出示新小票。",
    Refusal.OFFLINE_CAP: "目前无法核对该小票。",
    Refusal.REVOKED: "该小票已作废：订单已退款或取消。",
    Refusal.LANES_TAKEN: "另一台闸机控制器正在管理本店通道。",
    Refusal.UNAUTHENTICATED: "该设备未登记。",
    Refusal.FORBIDDEN: "该角色无权进行此操作。",
    Refusal.WRONG_STATE: "订单当前状态下不能这样做。",
    Refusal.BAD_REQUEST: "请求无法理解。",
    Refusal.TOO_MANY: "错误次数过多，请稍候再试。",
    Refusal.SERVER_BUSY: "门店服务器正忙，请稍候再试。",
    Refusal.BALANCE_TOO_LOW: "余额不足。请用其他方式支付余下部分。",
    Refusal.COUPON_REFUSED: "此优惠券在此不能使用。",
    Refusal.COUPON_UNUSED: "此优惠券对该订单没有优惠；仍然有效。",
    Refusal.NOT_A_MEMBER: "会员已退出登录，请重新登录。",
    Refusal.LOGIN_TAKEN: "该会员登录名已存在。",
    Refusal.REFUND_TOO_MUCH: "金额超过已付且尚未退还的部分。",
    Refusal.SECOND_PERSON: "须由另一名员工决定。",
    Refusal.NOT_REPLACEABLE: "此次购物较早的购物篮正在付款或已付款。",
}
_SENTENCES: Mapping[str, str] = {
    # the page itself
    "The store server is busy or its disk is full. Please try again.": "门店服务器正忙或磁盘已满，请重试。",
    "The store server is stopping.": "门店服务器正在停止。",
    "Please type your name and password.": "请输入姓名和密码。",
    # logging in
    "Name or password is wrong.": "姓名或密码错误。",
    "Too many wrong passwords. Try again in {} min.": "密码错误次数过多，请 {} 分钟后再试。",
    "Only a {} may do that; you are logged in as {}.": "只有{}可以这样做；您的角色是{}。",
    "There is no member of staff called {}.": "没有名为 {} 的员工。",
    # lanes
    "There are too many lanes for one shop.": "一家门店的通道过多。",
    "No lane called {} has reported since the server started.": "服务器启动后，通道 {} 尚未上报。",
    "That follows from a check of the goods; finish the check.": "这由商品检查决定；请先完成检查。",
    "There is another order in the lane by now. Please look again.": "通道中现在是另一个订单，请重新查看。",
    "Say why the lane is to be opened.": "请说明为什么打开通道。",
    "Say which article weighs that.": "请说明是哪种商品的重量。",
    "An order number has 7 digits, such as 048-2135. Please type it again.": "订单号为 7 位数字，例如 048-2135。请重新输入。",
    "That number has a typing slip. Please compare it with the handheld.": "订单号输入有误，请与手持机核对。",
    # articles and checks
    "An order has at least one and at most {} lines.": "订单应有 1 至 {} 行。",
    "An order has at most {} lines.": "订单最多 {} 行。",
    "This order is being paid at a kiosk. Rescan when that is done.": "该订单正在付款机付款。付款后再补录。",
    "An article can be added only while the order is in a lane.": "只有订单在通道中时才能补录商品。",
    "Money of this order went back or is to go back. Let the shopper buy the article as an order of its own.": (
        "该订单已退款或正待退款。请让顾客另下一单购买该商品。"
    ),
    "{} is not in our range. Is it from another shop?": "商品库中没有 {}。是其他店的商品吗？",
    "The label {} is not complete: weigh the goods again.": "标签 {} 不完整：请重新称重。",
    "{} characters are too many for a product code. Scan or type it again.": "{} 个字符对商品码来说太长。请重新扫描或输入。",
    "{} is no product code: {}. Scan or type it again.": "{} 不是有效的商品码。请重新扫描或输入。",
    "{}. Scan or type it again.": "{}。请重新扫描或输入。",
    "The weight or price on this label is out of range.": "标签上的重量或价格超出范围。",
    "This check is over.": "该检查已结束。",
    "An article was added to this order and is to be paid first. The lane goes on by itself when it is paid.": (
        "该订单补录了商品，须先付款。付款后通道自动继续。"
    ),
    "Please take {} more pieces out of the bag and scan them ({} so far).": "请再从袋中取出 {} 件并扫描（已扫 {} 件）。",
    "Nothing was scanned. Scan all goods, or send the shopper back.": "未扫描任何商品。请扫描全部商品，或请顾客返回。",
    "{} does not ask for this check (any more).": "通道 {} 不（再）要求此检查。",
    "A check has at most {} scans.": "一次检查最多扫描 {} 件。",
    # money
    "There is nothing to give back for this order.": "该订单没有需要退还的金额。",
    "This order is in a lane or being paid. Let the shopper come back first.": "该订单在通道中或正在付款。请先让顾客返回。",
    "There is no such refund.": "没有该退款。",
    "There is no such payment.": "没有该付款。",
    "This refund was decided already.": "该退款已作决定。",
    "There is no open claim on cash for this refund.": "该退款没有待付的现金。",
    "There is nothing to pay in this order. Please ask the staff.": "该订单没有需付金额。",
    "Only an order that nobody has begun to pay can be voided.": "只有尚未开始付款的订单才能作废。",
    "What became of this charge was decided already.": "该笔刷卡已作决定。",
    "There is no such charge in doubt.": "没有该笔待核实的刷卡。",
    "This charge is in the books as a payment of its order. Give it back as a refund.": "该笔刷卡已入账为付款。请按退款退还。",
    "This order is being paid at {} right now. Please wait until that has ended.": "该订单正在 {} 付款。请等其结束。",
    # devices
    "This code is wrong, too old or was used before. Ask the staff for a new one.": "此代码错误、过期或已使用。请索取新代码。",
    "This device does not wait any more.": "该设备已不在等待。",
    "Too many codes wait to be used. Please try again.": "待用代码过多，请稍后再试。",
    "The fingerprint is another one. Refuse this device and begin again.": "指纹不一致。请拒绝该设备并重新开始。",
    "{} is enrolled as a {} already.": "{} 已登记为{}。",
}
_NAMED = {
    "attendant": "店员",
    "supervisor": "主管",
    "manager": "经理",
    "handheld": "手持机",
    "kiosk": "付款机",
    "gate": "闸机控制器",
}
"""Words of ours that stand in a gap."""
_GAP = "{}"


def told(sentence: str, language: str, refusal: Refusal | None = None) -> str:
    """Say a service's sentence in the page's language; what has no Chinese is said by its refusal, else as it is.

    >>> told("A check has at most 200 scans.", "zh")
    '一次检查最多扫描 200 件。'
    """
    if language != "zh":
        return sentence
    for pattern, chinese in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return chinese.format(*(_NAMED.get(gap, gap) for gap in found.groups()))
    return sentence if refusal is None else _OF_REFUSALS[refusal]


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in sentence.split(_GAP)))


_PATTERNS = [
    *((_pattern(english), chinese) for english, chinese in _SENTENCES.items()),
    *((_pattern(refusal.sentence), chinese) for refusal, chinese in _OF_REFUSALS.items()),
]
"""The general ``{}. Scan or type it again.`` stands after nothing that it would take the words from."""
