"""The staff page: one NiceGUI page at ``/staff`` with every lane as a live card, and the newest orders below.

``presenter`` says in plain values what is shown (no NiceGUI there); ``page`` is the login and the board, ``lane_card`` and
``orders_table`` draw. Elements that scripts and tests touch carry stable ``data-testid`` marks.
"""
