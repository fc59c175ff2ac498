"""A camera and the reading of symbols in its frames.

Start with :mod:`~hardware.camera.driver`: a ``Device(name, url, CameraDriver(), publish)`` publishes ``CodeSeen`` and
``FrameTaken``.

::

    sources   which camera a URL names                     frames    the newest frame, read by a thread of its own
    capture   webcams, video files, network cameras        photos    a folder of photos held before the camera
    decoding  what can be read in one frame                engines   zxing-cpp and zbar behind one shape
    witness   when a sighting becomes a scan (pure)        symbol    EAN and UPC as rows of modules (pure)
    simulator, scene, package                              an article before a camera, drawn (pure)
"""
