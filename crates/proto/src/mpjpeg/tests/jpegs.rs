//! JPEGs one after the other.

use super::*;

const SMALL: Limits = Limits {
    max_part_bytes: 1_200,
    max_header_bytes: 100,
    max_garbage_bytes: 50,
};

fn parse(body: &[&[u8]]) -> Outcome<Bytes> {
    let body = body.concat();
    same(&body, |size| {
        let (pictures, ended) = drive(
            JpegStream::new(SMALL),
            &body,
            size,
            JpegStream::push,
            JpegStream::next,
            JpegStream::finish,
        );
        (
            pictures.into_iter().map(|picture| picture.data).collect(),
            ended,
        )
    })
}

fn check(body: &[&[u8]], pictures: usize, ended: Result<(), Error>) {
    let (given, how) = parse(body);
    assert!(
        given.iter().all(|data| *data == JPEG),
        "only whole pictures"
    );
    assert_eq!((given.len(), how), (pictures, ended));
}

#[test]
fn pictures_one_after_the_other_are_cut_apart() {
    check(&[JPEG, JPEG, JPEG], 3, Ok(()));
    check(&[], 0, Ok(()));
}

#[test]
fn the_last_picture_is_given_before_the_stream_ends() {
    let mut stream = JpegStream::new(SMALL);
    stream.push(Bytes::from_static(JPEG));
    let picture = stream.next().unwrap().expect("its end marker is there");
    assert_eq!((&picture.data[..], picture.kind), (JPEG, Kind::Jpeg));
    assert_eq!(stream.finish(), Ok(None));
}

#[test]
fn padding_and_garbage_between_pictures_are_skipped() {
    let padding: &[u8] = &[0; 50];
    check(
        &[
            b"\r\n",
            JPEG,
            padding,
            JPEG,
            b"\xFF\xFFx\xFF",
            JPEG,
            padding,
        ],
        3,
        Ok(()),
    );
}

#[test]
fn a_thumbnails_end_is_not_the_pictures() {
    let (given, ended) = parse(&[&with_thumbnail(), JPEG]);
    assert_eq!((given.len(), ended), (2, Ok(())));
    assert_eq!(given[0], with_thumbnail());
}

#[test]
fn missing_huffman_tables_are_inserted() {
    let (given, _) = parse(&[&without_tables()]);
    assert!(parse_header(&given[0]).unwrap().has_huffman_tables);
}

#[test]
fn a_picture_that_the_next_one_cuts_short_is_skipped_and_counted() {
    check(&[JPEG, &JPEG[..600], JPEG, &JPEG[..700], JPEG], 3, Ok(()));
    let mut stream = JpegStream::new(SMALL);
    stream.push(Bytes::from([&JPEG[..700], JPEG].concat()));
    assert!(stream.next().unwrap().is_some());
    assert_eq!(stream.damaged(), 1);
}

#[test]
fn too_many_damaged_pictures_in_a_row_are_an_error() {
    let start: &[u8] = &[0xFF, 0xD8];
    check(&[&start.repeat(16), JPEG, JPEG], 2, Ok(()));
    check(&[start, JPEG].repeat(40), 40, Ok(()));
    let damage = eyeline_media::jpeg::Damage::StartsAgain { offset: 2 };
    let expected = Error::Damaged {
        offset: 32,
        count: 17,
        damage,
    };
    check(&[&start.repeat(18)], 0, Err(expected));
}

#[test]
fn a_stream_that_ends_within_a_picture_is_truncated() {
    let offset = JPEG.len() as u64;
    let end = offset + 500;
    check(
        &[JPEG, &JPEG[..500]],
        1,
        Err(Error::Truncated { offset, end }),
    );
}

#[test]
fn an_endless_picture_is_an_error_at_its_limit() {
    let endless = [&JPEG[..600], &[0x11; 2_000]].concat();
    let (offset, limit) = (JPEG.len() as u64, 1_200);
    let too_long = || Err(Error::TooLong { offset, limit });
    check(&[JPEG, &endless], 1, too_long());
    check(&[JPEG, &endless, &[0xFF, 0xD9]], 1, too_long());
}

#[test]
fn endless_garbage_is_an_error_at_its_limit() {
    let (offset, limit) = (JPEG.len() as u64, 50);
    check(
        &[JPEG, &[0; 51], JPEG],
        1,
        Err(Error::NoJpeg { offset, limit }),
    );
}
