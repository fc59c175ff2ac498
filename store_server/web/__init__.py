"""The server's face: thin FastAPI routers under ``api`` and the staff's NiceGUI page under ``console``."""
