//! Protocol machines without IO: bytes in, events out, time as an argument.
