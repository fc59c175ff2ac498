"""What each event changes in a session and what it asks for; :mod:`kiosk_app.payment_session` says when it may happen.

Pure. Every rule gets the session already moved to the event's target state. A visit goes through ``ordering``, ``taking``,
``settling``, ``returning`` and ``ending``; ``devices`` holds what may happen in every state.
"""
