"""The exit lane: read the pass, weigh the goods, disarm their tags, open the gate or say why not.

``lane`` is the state machine, ``weighing`` the statistics, ``passes_used`` the durable record that a pass was used,
``controller`` the loop that runs a lane on its devices. Knows the store contract and the devices; no other program.
"""
