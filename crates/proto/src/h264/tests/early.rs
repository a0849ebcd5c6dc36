//! Writers that pause behind each picture, and those that pause elsewhere.

use super::*;

/// Pictures of one slice, of some bytes.
fn pictures(count: usize) -> Vec<Vec<u8>> {
    let mut first = stream(&[SPS, PPS, IDR]);
    first.extend_from_slice(&[7; 20]);
    let next = |n: usize| {
        let slice = [NEXT, &vec![9; 10 + n % 5]].concat();
        stream(&[&slice])
    };
    std::iter::once(first).chain((1..count).map(next)).collect()
}

/// How many pictures are there, and which errors came, after each piece and the pause behind it.
fn follow(demux: &mut Demux, pieces: &[&[u8]]) -> (Vec<AccessUnit>, Vec<usize>, Vec<Error>) {
    let (mut units, mut counts, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        demux.push(piece);
        loop {
            match demux.access_unit() {
                Ok(Some(unit)) => units.push(unit),
                Ok(None) => break,
                Err(error) => errors.push(error),
            }
        }
        if demux.heeds_pause() {
            units.extend(demux.pause().unwrap());
        }
        counts.push(units.len());
    }
    (units, counts, errors)
}

fn slices(pieces: &[Vec<u8>]) -> Vec<&[u8]> {
    pieces.iter().map(Vec::as_slice).collect()
}

#[test]
fn a_writer_that_pauses_behind_each_picture_is_believed_after_a_while() {
    let pictures = pictures(60);
    let mut demux = Demux::new(Limits::default());
    let (units, counts, errors) = follow(&mut demux, &slices(&pictures));
    assert_eq!(errors, []);
    assert_eq!(
        counts[..10],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "each is one late"
    );
    assert_eq!(
        counts[30..],
        (31..=60).collect::<Vec<_>>(),
        "each is there at once"
    );
    let whole = pictures.concat();
    let mut demux = Demux::new(Limits::default());
    let (mut expected, ..) = follow(&mut demux, &[&whole]);
    expected.extend(demux.finish().unwrap());
    assert_eq!(units, expected, "and is what it is when the next tells");
}

#[test]
fn a_picture_of_several_slices_is_whole_with_its_last() {
    let picture: &[&[u8]] = &[&[0x41, 0x9a, 0x33], &[0x41, 0x40, 0x33, 1]];
    let mut pieces = vec![stream(&[SPS, PPS, IDR, IDR_SECOND])];
    for _ in 0..40 {
        pieces.extend(picture.iter().map(|slice| stream(&[slice])));
    }
    let mut demux = Demux::new(Limits::default());
    let (units, counts, errors) = follow(&mut demux, &slices(&pieces));
    assert_eq!(errors, []);
    assert_eq!(counts.last(), Some(&41));
    assert!(
        units[1..]
            .iter()
            .all(|unit| nal_units(&unit.data).count() == 2)
    );
}

#[test]
fn a_writer_that_holds_the_end_of_each_picture_back_is_never_believed() {
    let whole = pictures(200).concat();
    // As through a buffer: pieces end anywhere.
    let pieces: Vec<_> = whole.chunks(16).collect();
    let mut demux = Demux::new(Limits::default());
    let (mut units, _, errors) = follow(&mut demux, &pieces);
    units.extend(demux.finish().unwrap());
    assert_eq!(errors, []);
    assert_eq!(units.len(), 200);
}

#[test]
fn one_pause_within_a_picture_costs_that_picture_and_the_trust() {
    let mut pictures = pictures(60);
    let rest = pictures[40].split_off(12);
    pictures.insert(41, rest);
    let mut demux = Demux::new(Limits::default());
    let (units, counts, errors) = follow(&mut demux, &slices(&pictures));
    assert_eq!(errors, [Error::Torn]);
    assert_eq!(units.len(), 59, "all but the last, which is one late again");
    assert_eq!(counts[45] + 1, counts[46]);
    assert_eq!(counts[45], 44);
}

#[test]
fn more_slices_than_usual_are_told_from_the_next_picture() {
    let mut pieces = pictures(40);
    pieces.push(stream(&[&[0x41, 0x40, 1, 2], &[0x41, 0x20, 1, 2]]));
    pieces.extend(pictures(3));
    let mut demux = Demux::new(Limits::default());
    let (_, _, errors) = follow(&mut demux, &slices(&pieces));
    assert_eq!(errors, [Error::Torn]);
}

#[test]
fn where_pieces_are_written_in_full_buffers_nothing_is_taken_for_whole() {
    let mut pieces = pictures(40);
    let mut large = stream(&[NEXT]);
    large.resize(3 * 4096, 9);
    pieces.push(large);
    pieces.push(vec![9; 100]);
    pieces.extend(pictures(3));
    let mut demux = Demux::new(Limits::default());
    let (_, counts, errors) = follow(&mut demux, &slices(&pieces));
    assert_eq!(errors, []);
    assert_eq!(counts[40], counts[39]);
}

#[test]
fn a_picture_begins_with_its_first_slice() {
    let mut demux = Demux::new(Limits::default());
    let first = stream(&[SPS, PPS, IDR, AUD]);
    demux.push(&first);
    assert!(demux.access_unit().unwrap().is_some());
    assert_eq!(
        demux.began_at(),
        (first.len() - IDR.len() - AUD.len() - 7) as u64
    );
    demux.push(&stream(&[NEXT, AUD]));
    assert!(demux.access_unit().unwrap().is_some());
    assert_eq!(demux.began_at(), first.len() as u64 + 1);
}
