//! Renditions: decode, scale and encode on worker threads, once per distinct wish.
