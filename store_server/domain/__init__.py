"""Rules that only the server decides; pure, the time is an argument.

Start with ``order`` (the order machine) and ``payment`` (which accounts money moves between). ``basket`` judges what a handheld
claims, ``tendering_check`` who may take money, ``exit_check`` who may leave, ``product_list`` what a product file says.
"""
