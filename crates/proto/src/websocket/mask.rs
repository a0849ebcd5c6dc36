//! Masking (RFC 6455, 5.3): a payload is XORed with four bytes, over and over.
//! Doing it twice undoes it.

/// Masks or unmasks a payload from its first byte on. Eight bytes at a time, which
/// the compiler makes into more.
pub(super) fn apply(key: [u8; 4], payload: &mut [u8]) {
    let [a, b, c, d] = key;
    let twice = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ twice).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.into_iter().cycle()) {
        *byte ^= key;
    }
}
