"""Marsad: nightly dumps of Arabic news pages into a DuckLake warehouse."""

__version__ = "0.1.0"
