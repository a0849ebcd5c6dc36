//! Raw pictures.

use eyeline_media::{PixelFormat, Resolution};

use super::*;

fn check(len: usize, expected: Outcome<usize>) {
    let resolution = Resolution::new(4, 2).unwrap();
    let format = PixelFormat::Bgr24;
    let body: Vec<u8> = (0..len).map(|index| (index % 251) as u8).collect();
    let (pictures, ended) = parse_pictures(|| Demux::raw(format, resolution), &body);
    let given: Vec<u8> = pictures
        .iter()
        .flat_map(|picture| picture.data.to_vec())
        .collect();
    assert_eq!(given, body[..given.len()], "nothing lost or moved");
    let kind = Kind::Raw { format, resolution };
    assert!(pictures.iter().all(|picture| picture.kind == kind));
    let lengths = pictures.iter().map(|picture| picture.data.len()).collect();
    assert_eq!((lengths, ended), expected);
}

#[test]
fn raw_pictures_are_cut_by_their_size() {
    check(0, (vec![], Ok(())));
    check(24 * 3, (vec![24; 3], Ok(())));
}

#[test]
fn a_stream_that_ends_within_a_raw_picture_is_truncated() {
    let error = Error::Truncated {
        offset: 24,
        end: 30,
    };
    check(30, (vec![24], Err(error)));
}

#[test]
fn a_piece_that_holds_whole_raw_pictures_is_not_copied() {
    let resolution = Resolution::new(4, 2).unwrap();
    let mut frames = RawFrames::new(PixelFormat::Gray8, resolution);
    let piece = Bytes::from(vec![1; 20]);
    frames.push(piece.clone());
    assert_eq!(frames.next().unwrap().data.as_ptr(), piece.as_ptr());
    assert_eq!(frames.next().unwrap().data.as_ptr(), piece[8..].as_ptr());
    assert_eq!(frames.next(), None);
    assert_eq!(frames.buffered(), 4);
}
