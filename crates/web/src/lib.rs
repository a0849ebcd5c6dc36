//! The HTTP surface: routes, sessions, limits, pages, metrics.
