"""Digital inputs and outputs of a lane: Modbus RTU, register map of the Waveshare modules with 8 inputs and 8 outputs.

:mod:`hardware.io_module.protocol` holds frames, :mod:`hardware.io_module.master` one question and its answer on the line,
:mod:`hardware.io_module.wiring` which terminal is what, :mod:`hardware.io_module.outputs` and :mod:`hardware.io_module.inputs`
what should be on and what is on, :mod:`hardware.io_module.driver` all of it on a device's thread. The owner gives
:mod:`hardware.io_module.commands` and hears :mod:`hardware.io_module.events`.

Belt and deactivator are never switched on, only pulsed for a second and renewed: when this program dies they stop by
themselves.
"""
