"""Parsers in processes with limits: a crafted page costs itself, never the run."""
