//! Inputs, one file each, and the supervision that keeps them running.
