//! Pictures as players write them to a pipe.

use std::io::{BufRead as _, BufReader, Read};

use eyeline_media::{Resolution, Timestamp, timecode};

use crate::run::{Form, Shot, now};
use crate::stage::size;

/// Reads pictures and hands them on until that fails or there are no more.
pub(crate) fn read(from: impl Read, form: Form, take: &mut dyn FnMut(Shot) -> bool) {
    let mut from = BufReader::with_capacity(1 << 20, from);
    let mut line = String::new();
    let size = size();
    let luma = size.pixels();
    let mut picture = vec![
        0;
        if form == Form::Y4m {
            luma * 3 / 2
        } else {
            luma
        }
    ];
    if form == Form::Y4m && from.read_line(&mut line).is_err() {
        return;
    }
    loop {
        let shot = if form == Form::Lines {
            line.clear();
            if !matches!(from.read_line(&mut line), Ok(1..)) {
                return;
            }
            parse(&line)
        } else {
            if form == Form::Y4m && from.skip_until(b'\n').is_err() {
                return;
            }
            if from.read_exact(&mut picture).is_err() {
                return;
            }
            Some(look(&picture, size))
        };
        if let Some(shot) = shot
            && !take(shot)
        {
            return;
        }
    }
}

fn look(luma: &[u8], size: Resolution) -> Shot {
    let made = timecode::decode(luma, size.width() as usize, size);
    Shot { at: now(), made }
}

/// `shot AT MADE`, where `MADE` is `-` if it could not be read.
fn parse(line: &str) -> Option<Shot> {
    let mut words = line.strip_prefix("shot ")?.split_whitespace();
    let mut time = || Some(Timestamp::from_micros(words.next()?.parse().ok()?));
    Some(Shot {
        at: time()?,
        made: time(),
    })
}
