"""How well parsers fill their fields, and which field fell."""
