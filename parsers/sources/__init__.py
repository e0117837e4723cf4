"""The packs shipped with thresher, one folder a source."""
