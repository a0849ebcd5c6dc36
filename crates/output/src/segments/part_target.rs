//! How long parts are to be: near 200 ms, and so that whole pictures and whole pieces of sound
//! fill at least 85 % of it, as HLS asks (draft-pantos-hls-rfc8216bis, 4.4.4.9).

use std::time::Duration;

use crate::limits::PART_TARGET;

const STEP: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(2);
/// How much of a part has to be filled, in thousandths, with something in hand.
const LEAST_FILLED: u128 = 870;
/// Pictures do not come evenly: so much of a part is planned with.
const PLANNED: u128 = 960;

/// The length for pictures and pieces of sound of these lengths.
pub(crate) fn part_target(picture: Duration, sound: Option<Duration>) -> Duration {
    let mut target = PART_TARGET;
    while target < LONGEST {
        let sound_fits = sound.is_none_or(|sound| fills(sound, target, 1_000));
        if fills(picture, target, PLANNED) && sound_fits {
            return target;
        }
        target += STEP;
    }
    LONGEST
}

/// Whether as many pieces as fit into `planned` thousandths of the target fill enough of it.
fn fills(piece: Duration, target: Duration, planned: u128) -> bool {
    let (piece, target) = (piece.as_micros().max(1), target.as_micros());
    let filled = target * planned / 1_000 / piece * piece;
    filled * 1_000 >= target * LEAST_FILLED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_whole_pictures_and_pieces_of_sound() {
        let check = |fps: f64, samples_and_hz: Option<(f64, f64)>, expected_ms: u64| {
            let sound = samples_and_hz.map(|(samples, hz)| Duration::from_secs_f64(samples / hz));
            let target = part_target(Duration::from_secs_f64(1.0 / fps), sound);
            let expected = Duration::from_millis(expected_ms);
            assert_eq!(target, expected, "{fps} {samples_and_hz:?}");
        };
        check(30.0, None, 210);
        check(30.0, Some((1024.0, 48_000.0)), 210);
        check(30.0, Some((1024.0, 8_000.0)), 260);
        check(25.0, Some((1024.0, 44_100.0)), 210);
        check(24.0, None, 220);
        check(60.0, None, 200);
        check(15.0, None, 210);
        check(10.0, Some((960.0, 48_000.0)), 210);
        check(4.0, None, 265);
        check(1.0, None, 1_045);
        check(0.2, None, 2_000);
    }
}
