"""What can go wrong with a device, named by what the caller can do.

::

    DeviceError
      LinkLostError        the port is gone: close it and open it again later
      NoReplyError         the device said nothing in time: ask again, but never repeat what moves money
      ProtocolError        the device said something that its protocol does not allow: drain the line and ask again
      DeviceBusyError      the device is at work: wait, then ask again
      DeviceRefusedError   the device understood and said no: do not repeat
      WrongDeviceError     another device than the configured one answers: call staff
"""


class DeviceError(Exception):
    """A device did not do what was asked."""


class LinkLostError(DeviceError):
    """The port cannot be opened, or is gone."""


class NoReplyError(DeviceError):
    """No answer in time."""


class ProtocolError(DeviceError):
    """Bytes that the protocol does not allow."""


class DeviceBusyError(DeviceError):
    """The device cannot do it now."""


class DeviceRefusedError(DeviceError):
    """The device understood and refused."""


class WrongDeviceError(DeviceError):
    """Model or serial number differ from the settings."""
