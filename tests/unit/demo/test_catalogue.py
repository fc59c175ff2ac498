from __future__ import annotations

import pytest

from demo.catalogue import PRODUCTS, Product, label, products
from store_server.contract.product_code import LabelTemplate, ProductCode

TEMPLATES = (LabelTemplate("21IIIIIWWWWWC"), LabelTemplate("22IIIIIPPPPPC"))


def test_the_range_is_that_of_a_supermarket() -> None:
    goods = products().values()
    assert len(goods) >= 300
    assert len({product.department for product in goods}) >= 15
    assert len({product.code for product in goods}) == len(goods) == len(PRODUCTS.read_text(encoding="utf-8").splitlines()) - 1


@pytest.mark.parametrize("product", products().values(), ids=lambda product: product.name_en)
def test_every_article_is_sound(product: Product) -> None:
    code = ProductCode.parse(product.code, TEMPLATES)
    assert product.name_zh
    assert product.unit_price_minor > 0
    if product.sold_by == "weight":
        assert code.weight_g == 0
    else:
        assert product.code.startswith("952")
        assert product.mean_g > 0
        assert 0 < product.sd_g < product.mean_g / 5


def test_a_printed_label_is_read_back_by_the_contract() -> None:
    apples = products()["Apples Fuji"]
    code = ProductCode.parse(label(apples, 852), TEMPLATES)
    assert code.weight_g == 852
    assert code.key == ProductCode.parse(apples.code, TEMPLATES).key
