"""Digital inputs and outputs of a lane: Modbus RTU."""
