"""Use cases: one function each, one transaction each. Every function takes the open :class:`store_server.services.store.Store`.

``orders``, ``tendering``, ``payments`` and ``exits`` follow an order through its life; ``amendments`` is staff's rescan in the
lane; ``catalogue``, ``devices``, ``staff`` and ``lanes`` say what their names say; ``books_check`` looks whether all of it
agrees. A "no" is a :class:`store_server.services.refused.RefusedError`, which rolls the transaction back.
"""
