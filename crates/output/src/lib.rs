//! Transports, one file each: a feed of packets in, the bytes every viewer shares out.
