"""One module a command: options in, tables and JSON out."""
