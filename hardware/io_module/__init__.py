"""Digital inputs and outputs of a lane: Modbus RTU and TCP, with the register maps of Waveshare, ADAM and ioLogik modules.

:mod:`hardware.io_module.protocol` and :mod:`hardware.io_module.protocol_tcp` hold frames, :mod:`hardware.io_module.addresses`
what a URL says of them, :mod:`hardware.io_module.master` one question and its answer on the line.
:mod:`hardware.io_module.register_maps` says where each kind of module keeps what, :mod:`hardware.io_module.wiring` which
terminal is what, and :mod:`hardware.io_module.module` puts both together. :mod:`hardware.io_module.outputs` and
:mod:`hardware.io_module.inputs` know what should be on and what is on, :mod:`hardware.io_module.guards` what stops by itself;
:mod:`hardware.io_module.driver` runs all of it on a device's thread. The owner gives :mod:`hardware.io_module.commands` and
hears :mod:`hardware.io_module.events`.

Belt and deactivator never stay on without this program: they are pulsed and renewed where the module ends pulses by itself, and
elsewhere guarded by the module's own watchdog, which is tried at every connection. The ``simulator`` modules are the other side
and share no code with the driver.
"""
