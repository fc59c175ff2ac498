"""Receipt printers: ESC/POS with status, Star CloudPRNT.

``receipt`` says what stands on the paper, ``rendering`` makes the bytes for the printer that ``profile`` describes, and
``raster`` draws what it has no letters for. ``driver`` gets them printed and finds out whether they were, deciding by the
machine in ``job`` and asking by ``conversation``; ``protocol`` has the bytes of questions and answers. ``simulator`` is a
printer: ``commands`` cuts what it is told, ``head`` prints it, ``paper`` draws it, ``simulator_status`` answers.

A CloudPRNT printer asks this program for pages (``page``): ``cloudprnt_server`` is the port, ``cloudprnt_body`` what comes in,
``cloudprnt_desk`` answers by the machine in ``cloudprnt_job``, ``cloudprnt_driver`` tells the owner; ``simulator_cloudprnt`` is
such a printer.
"""
