//! Eyeline: any camera, on any screen, as it happens.
fn main() {}
