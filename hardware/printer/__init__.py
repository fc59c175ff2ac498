"""Receipt printers: ESC/POS with status.

``receipt`` says what stands on the paper and makes the bytes (python-escpos); ``driver`` gets them printed and finds out
whether they were, deciding by the machine in ``job``; ``protocol`` has the bytes that a printer says, ``commands`` those that
it is told; ``simulator`` is a printer, ``paper`` draws what it printed, ``fonts`` finds the letters.
"""
