//! Messages out of chunks.

use super::*;

const HOUR_BOUNDARY: u32 = 0xff_ffff;

/// A header that says everything; the timestamp is as it stands there.
fn full(chunk_stream: &[u8], field: u32, length: usize, kind: Kind) -> Vec<u8> {
    let mut out = chunk_stream.to_vec();
    out.extend_from_slice(&field.to_be_bytes()[1..]);
    out.extend_from_slice(&(length as u32).to_be_bytes()[1..]);
    out.push(kind.0);
    out.extend_from_slice(&[1, 0, 0, 0]);
    out
}

fn times(chunks: &[u8]) -> Vec<(u32, usize)> {
    let found = messages(chunks);
    found
        .iter()
        .map(|m| (m.timestamp, m.payload.len()))
        .collect()
}

#[test]
fn what_is_written_is_read_whatever_its_time_and_the_length_of_chunks() {
    let payload: Vec<u8> = (0..1_000_u32).map(|n| n as u8).collect();
    for time in [
        0,
        1,
        HOUR_BOUNDARY - 1,
        HOUR_BOUNDARY,
        HOUR_BOUNDARY + 1,
        1 << 31,
        u32::MAX,
    ] {
        for size in [1, 100, 128, 999, 1_000, 4_096] {
            let mut chunks = Vec::new();
            write_message(
                &mut chunks,
                2,
                (Kind::SET_CHUNK_SIZE, 0, 0),
                &[&(size as u32).to_be_bytes()],
                128,
            );
            for time in [time, time.wrapping_add(40)] {
                let (one, two) = payload.split_at(333);
                write_message(&mut chunks, 6, (Kind::VIDEO, time, 1), &[one, two], size);
            }
            let expected =
                [time, time.wrapping_add(40)].map(|time| media(Kind::VIDEO, time, &payload));
            assert_eq!(messages(&chunks), expected, "{time} in chunks of {size}");
        }
    }
}

#[test]
fn the_extended_timestamp_stands_in_every_chunk_or_only_in_the_first() {
    let payload = [7; 300];
    let time = 0x0123_4567_u32;
    let chunks = |repeat: &[u8]| {
        let head = full(&[4], HOUR_BOUNDARY, payload.len(), Kind::VIDEO);
        let mut out = [&head, &time.to_be_bytes()[..], &payload[..128]].concat();
        for piece in payload[128..].chunks(128) {
            out.push(0xc4);
            out.extend_from_slice(repeat);
            out.extend_from_slice(piece);
        }
        // The next message, of the third form, is 40 ms later.
        out.extend_from_slice(&[0x84, 0, 0, 40]);
        for (at, piece) in payload.chunks(128).enumerate() {
            if at > 0 {
                out.push(0xc4);
            }
            out.extend_from_slice(piece);
        }
        out
    };
    let expected = [(time, 300), (time + 40, 300)];
    assert_eq!(times(&chunks(&time.to_be_bytes())), expected, "repeated");
    assert_eq!(times(&chunks(&[])), expected, "not repeated");
}

#[test]
fn differences_may_be_extended_too_and_what_is_repeated_may_be_the_time() {
    let payload = [7; 200];
    let delta = 0x0200_0000_u32;
    let chunks = |repeat: u32| {
        let mut out = [&full(&[4], 1_000, 1, Kind::VIDEO)[..], &[9]].concat();
        out.extend_from_slice(&[0x44, 0xff, 0xff, 0xff, 0, 0, 200, Kind::VIDEO.0]);
        out.extend_from_slice(&delta.to_be_bytes());
        out.extend_from_slice(&payload[..128]);
        out.push(0xc4);
        out.extend_from_slice(&repeat.to_be_bytes());
        out.extend_from_slice(&payload[128..]);
        out
    };
    let expected = [(1_000, 1), (1_000 + delta, 200)];
    assert_eq!(times(&chunks(delta)), expected);
    assert_eq!(times(&chunks(1_000 + delta)), expected);
}

#[test]
fn a_message_without_a_header_is_as_far_from_the_one_before_as_that_was() {
    let mut chunks = [&full(&[4], 100, 1, Kind::AUDIO)[..], &[1]].concat();
    chunks.extend_from_slice(&[0x84, 0, 0, 23, 2, 0xc4, 3, 0xc4, 4]);
    assert_eq!(times(&chunks), [(100, 1), (123, 1), (146, 1), (169, 1)]);
}

#[test]
fn chunk_streams_have_numbers_of_one_to_three_bytes_and_may_be_mixed() {
    let head = |number: &[u8]| full(number, 5, 200, Kind::VIDEO);
    let numbers: [&[u8]; 4] = [&[3], &[0, 0], &[0, 255], &[1, 255, 255]];
    let mut chunks = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        chunks.extend_from_slice(&head(number));
        chunks.extend_from_slice(&[at as u8; 128]);
    }
    for (at, number) in numbers.iter().enumerate().rev() {
        chunks.push(number[0] | 0xc0);
        chunks.extend_from_slice(&number[1..]);
        chunks.extend_from_slice(&[at as u8; 72]);
    }
    let expected: Vec<_> = (0..4)
        .rev()
        .map(|at| media(Kind::VIDEO, 5, &[at; 200]))
        .collect();
    assert_eq!(messages(&chunks), expected);
    // Two bytes can name what three can: 64 + 5.
    let mut chunks = [&full(&[0, 5], 0, 200, Kind::VIDEO)[..], &[1; 128]].concat();
    chunks.extend_from_slice(&[0xc1, 5, 0]);
    chunks.extend_from_slice(&[1; 72]);
    assert_eq!(messages(&chunks), [media(Kind::VIDEO, 0, &[1; 200])]);
}

#[test]
fn an_aborted_message_is_dropped_and_the_next_is_whole() {
    let begun = [&full(&[4], 0, 200, Kind::VIDEO)[..], &[1; 128]].concat();
    let after = [&full(&[4], 7, 3, Kind::VIDEO)[..], &[2; 3]].concat();
    let mut aborted = begun.clone();
    write_message(
        &mut aborted,
        2,
        (Kind::ABORT, 0, 0),
        &[&4_u32.to_be_bytes()],
        128,
    );
    for chunks in [[aborted, after.clone()].concat(), [begun, after].concat()] {
        assert_eq!(messages(&chunks), [media(Kind::VIDEO, 7, &[2; 3])]);
    }
}

#[test]
fn who_asks_for_too_much_memory_is_refused() {
    let limits = Limits {
        max_message_bytes: 1_000,
        max_held_bytes: 300,
        max_chunk_streams: 3,
    };
    let check = |chunks: &[u8], expected: &str| {
        let mut reader = Reader::new(limits);
        reader.push(chunks);
        let error = loop {
            match reader.next() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("nothing was said of {expected}"),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(reader.next(), Err(error), "errors stay");
        assert_eq!(reader.buffered(), 0, "nothing is held any more");
    };
    check(&full(&[4], 0, 1_001, Kind::VIDEO), "1001 bytes");
    let begun = |number: u8| [&full(&[number], 0, 900, Kind::VIDEO)[..], &[0; 128]].concat();
    check(&[begun(4), begun(5), begun(6)].concat(), "not whole");
    let whole = |number: u8| [&full(&[number], 0, 1, Kind::VIDEO)[..], &[0]].concat();
    check(
        &[whole(4), whole(5), whole(6), whole(7)].concat(),
        "3 chunk streams",
    );
    check(&[0xc4], "not begun");
    let size = |size: u32| {
        let mut out = Vec::new();
        write_message(
            &mut out,
            2,
            (Kind::SET_CHUNK_SIZE, 0, 0),
            &[&size.to_be_bytes()],
            128,
        );
        out
    };
    check(&size(0), "chunk size of 0");
    check(&size(1 << 31), "chunk size of 2147483648");
    check(
        &[&full(&[2], 0, 1, Kind::ABORT)[..], &[0]].concat(),
        "only 1 bytes",
    );
}
