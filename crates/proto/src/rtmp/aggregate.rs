//! Aggregate messages: several in one, each as in a file of FLV (RTMP 1.0, 7.1.6).

use super::message::{Kind, Message};
use super::reader::u24;

/// Bytes before each, and behind it.
const HEADER: usize = 11;
const TRAILER: usize = 4;

/// The messages in one; what is cut short is left out. Their times count from that of the first, which
/// is the time of the whole.
pub(super) fn split(whole: &Message) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut at = 0;
    let mut first = None;
    while let Some(header) = whole.payload.get(at..at + HEADER) {
        let length = u24(&header[1..]) as usize;
        let begin = at + HEADER;
        let end = begin + length;
        if end > whole.payload.len() {
            break;
        }
        let time = u24(&header[4..]) | u32::from(header[7]) << 24;
        let since = time.wrapping_sub(*first.get_or_insert(time));
        messages.push(Message {
            kind: Kind(header[0]),
            timestamp: whole.timestamp.wrapping_add(since),
            stream: whole.stream,
            payload: whole.payload.slice(begin..end),
        });
        at = end + TRAILER;
    }
    messages
}
