"""The search behind :mod:`store_server.contract.pricing`: which allowed combination of promotions is best for the shopper.

Start with ``price_search``: groups of offers that share no goods are solved apart, each exactly, within a bound of steps.
``deals`` and ``stacks`` say what is taken from where, ``shadow_prices`` bounds what can still be reached, ``attribution`` and
``discounts`` spread the result over lines. Pure; whole minor units; no clock.
"""
