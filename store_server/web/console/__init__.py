"""The staff page: one NiceGUI page at ``/staff`` with every lane as a live card, and the newest orders below.

``presenter`` says in plain values what is shown (no NiceGUI there); ``page`` is the board and ``login`` the way to it;
``..._desk`` ask the services for one member of staff, ``..._card``, ``..._table`` and ``..._panel`` draw. Elements that scripts
and tests touch carry stable ``data-testid`` marks.
"""
