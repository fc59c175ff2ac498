"""What a scanner reads off an article: GTIN, weighed or priced label, or a typed PLU.

Every code has one ``key`` of 14 digits under which the article is looked up. GTIN-8, -12 and -13 are zero-filled to GTIN-14
(GS1 General Specifications, section 3.3.2), so the same article is found whichever symbol carried it. Labels of
variable-measure goods are restricted circulation numbers (GS1 General Specifications, section 2.1.11): the shop says where in
its 13 digits the article, the weight or the price stand; the key is the label with the value set to zero and its check digit
recomputed. A bare GTIN with the right check digit is taken at once; biip says what is wrong with any other, and reads GTIN
(AI 01) and net weight (AI 310n) out of GS1 element strings, as GS1-128, DataBar and GS1 DataMatrix carry them, and out of GS1
Digital Links.

>>> templates = (LabelTemplate("21IIIIIWWWWWC"),)
>>> ProductCode.parse("2112345008509", templates)
ProductCode(key='02112345000008', text='2112345008509', weight_g=850, price_minor=None, use_by=None)
>>> ProductCode.parse("01095200000000113103001234").weight_g
1234
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import biip
from biip.checksums import gs1_standard_check_digit
from biip.gs1_element_strings import GS1ElementStrings
from biip.gtin import Gtin

_KEY_LENGTH = 14
_LABEL_LENGTH = 13
_TEXT_LIMIT = 90
_GRAMS_PER_KG = 1000
_AIM_PREFIX = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_PLAIN = re.compile(r"^[0-9]{1,14}$")
_NET_WEIGHT_KG = re.compile(r"^310[0-5]$")
_TEMPLATE = re.compile(r"^2[0-9]I+(?:W+|P+)C\Z")
_GTIN_SUMS = {length: ord("0") * (3 * (length // 2) + (length + 1) // 2) % 10 for length in (8, 12, 13, 14)}
"""Length of a GTIN to what the weighted sum of its characters' codes leaves, divided by 10: nothing more than that of zeros."""


class ProductCodeError(ValueError):
    """The text is no product code; the message says what was expected and what came."""


@dataclass(frozen=True, slots=True)
class LabelTemplate:
    """Where a shop's label keeps its parts: fixed digits, then I article, W grams or P minor units, C check digit."""

    pattern: str

    def __post_init__(self) -> None:
        if len(self.pattern) != _LABEL_LENGTH or not _TEMPLATE.match(self.pattern):
            raise ProductCodeError(
                f"a label template is 13 places such as 21IIIIIWWWWWC (prefix 20-29, I article, W grams or P price,"
                f" C check digit), not {self.pattern!r}"
            )

    @property
    def prefix(self) -> str:
        """The fixed digits in front, for example ``21``."""
        return self.pattern[: self.pattern.index("I")]

    def _span(self) -> tuple[int, int]:
        letter = "W" if "W" in self.pattern else "P"
        return self.pattern.index(letter), self.pattern.rindex(letter) + 1

    def value(self, digits: str) -> tuple[int | None, int | None]:
        """Return (grams, price in minor units) of a 13-digit label; one of them is None."""
        start, end = self._span()
        number = int(digits[start:end])
        return (number, None) if "W" in self.pattern else (None, number)

    def key(self, digits: str) -> str:
        """Return the 14-digit key of a 13-digit label: its value zeroed, its check digit recomputed."""
        start, end = self._span()
        return with_check_digit((digits[:start] + "0" * (end - start) + digits[end:])[:-1])

    def label(self, key: str, value: int) -> str:
        """Print a label: the 13 digits for the article ``key`` with this many grams or minor units."""
        start, end = self._span()
        body = f"{key[1 : 1 + start]}{value:0{end - start}d}"
        return with_check_digit(body)[1:]


@dataclass(frozen=True, slots=True)
class ProductCode:
    """A valid code; parsing is the only way to make one from a scan."""

    key: str
    """14 digits: what articles are looked up and compared by."""
    text: str
    """The digits as they were scanned or typed."""
    weight_g: int | None = None
    """Net grams printed on a weighed label."""
    price_minor: int | None = None
    """Price printed on a priced label, in minor units."""
    use_by: date | None = None
    """The last day on which it may be sold (AI 17), where the symbol tells."""

    @classmethod
    def parse(cls, text: str, templates: Sequence[LabelTemplate] = ()) -> ProductCode:
        """Read what a scanner sent or a person typed, with or without an AIM prefix.

        Raises:
            ProductCodeError: not 8 to 14 digits, a wrong check digit, or a restricted number that no template explains.
        """
        if _is_gtin(text):
            return cls(key=text.zfill(_KEY_LENGTH), text=text)
        if len(text) > _TEXT_LIMIT:
            raise ProductCodeError(f"{len(text)} characters are too many for a product code")
        digits = _AIM_PREFIX.sub("", text.strip())
        if not _PLAIN.match(digits) and (found := _element_strings(digits)) is not None:
            return cls._from_elements(found, templates)
        if not (digits.isascii() and digits.isdigit()):
            raise ProductCodeError(f"{digits!r} is no product code: expected 8 to 14 digits")
        if _is_gtin(digits):
            return cls(key=digits.zfill(_KEY_LENGTH), text=digits)
        try:
            Gtin.parse(digits)
        except biip.ParseError as error:
            return cls._label(digits, templates, reason=str(error))
        return cls._label(digits, templates, reason="no label template of this shop fits")

    @classmethod
    def _from_elements(cls, elements: GS1ElementStrings, templates: Sequence[LabelTemplate]) -> ProductCode:
        gtin = elements.get(ai="01")
        assert gtin is not None, "checked by _element_strings"
        code = cls.parse(gtin.value, templates)
        weight = next((element for element in elements if _NET_WEIGHT_KG.match(element.ai.ai)), None)
        grams = None if weight is None or weight.decimal is None else int(weight.decimal * _GRAMS_PER_KG)
        expiry = elements.get(ai="17")
        return replace(code, weight_g=grams or code.weight_g, use_by=None if expiry is None else expiry.date)

    @classmethod
    def _label(cls, digits: str, templates: Sequence[LabelTemplate], *, reason: str) -> ProductCode:
        if len(digits) == _LABEL_LENGTH and str(gs1_standard_check_digit(digits[:-1])) == digits[-1]:
            for template in templates:
                if digits.startswith(template.prefix):
                    grams, price = template.value(digits)
                    return cls(key=template.key(digits), text=digits, weight_g=grams, price_minor=price)
        raise ProductCodeError(f"{digits} is no product code: {reason}")


def with_check_digit(body: str) -> str:
    """Complete 12 or 13 digits with their GS1 mod-10 check digit and zero-fill to 14.

    >>> with_check_digit("952000000001")
    '09520000000011'
    """
    return f"{body}{gs1_standard_check_digit(body)}".zfill(14)


def _is_gtin(text: str) -> bool:
    """Tell whether this is a GTIN and no label of variable measure (GS1 General Specifications, sections 3.3.2 and 7.9.1)."""
    if text.isdigit() and text.isascii() and (len(text) != _LABEL_LENGTH or text[0] != "2"):
        codes = text.encode()
        return (3 * sum(codes[-2::-2]) + sum(codes[::-2])) % 10 == _GTIN_SUMS.get(len(text))
    return False


def _element_strings(text: str) -> GS1ElementStrings | None:
    """Return the GS1 element strings of a message or a Digital Link that begins with a GTIN, None for anything else."""
    try:
        read = biip.parse(text)
    except (biip.ParseError, IndexError):  # biip 5.2 reads beyond the end of a lone "]"
        return None
    source = read.gs1_message or read.gs1_digital_link_uri
    if source is None or not source.element_strings or source.element_strings[0].ai.ai != "01":
        return None
    return source.element_strings
