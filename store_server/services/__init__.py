"""One function per use case, one transaction each: catalogue, orders, payments, exits, lanes, devices, staff."""
