//! Feeds: one publisher, any number of cursors; the registry of streams and their renditions.
