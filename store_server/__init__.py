"""The store server: catalogue, prices, orders, money, exits and the staff page.

Start with :mod:`store_server.contract`, the words that server and clients share. Layers, each importing only those to its
right: ``cli > web > services > persistence > domain > settings > contract``. No device, no Qt and no app is imported here.
"""
