"""Records and files of our own: what is written, and read back byte for byte."""
