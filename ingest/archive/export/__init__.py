"""What leaves the archive: copies of its files, CDXJ indexes and WACZ packages."""
