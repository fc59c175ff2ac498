"""What the touch programs (handheld, kiosk) share of Qt: the application, background work, texts, pictures, a touch robot.

No screen and no rule lives here. A program's ``desk`` receives device events through :class:`program.qt.bridge.Bridge`, does
slow work through :class:`program.qt.background.Background`, and shows screens in a :class:`program.qt.window.TouchWindow`.
"""
