"""Figures; they are drawn without a screen, whatever MPLBACKEND asks for."""

import os

# Before matplotlib reads it: an unknown name there ends the import.
os.environ["MPLBACKEND"] = "agg"
