//! That the time is read back at any size, scaled and with noise.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_764_000_123_456_789);

fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).unwrap()
}

fn plane(size: Resolution, time: Timestamp) -> Vec<u8> {
    let mut luma = vec![90; size.pixels()];
    assert!(encode(time, &mut luma, size.width() as usize, size));
    luma
}

/// Each target pixel is the mean of the area of the source it covers.
fn box_scaled(luma: &[u8], from: Resolution, to: Resolution) -> Vec<u8> {
    let span = |i: u32, from: u32, to: u32| {
        let start = f64::from(i) * f64::from(from) / f64::from(to);
        let end = f64::from(i + 1) * f64::from(from) / f64::from(to);
        (start as usize..(end.ceil() as usize).min(from as usize)).map(move |k| {
            let covered = (k as f64 + 1.0).min(end) - (k as f64).max(start);
            (k, covered)
        })
    };
    let mut scaled = Vec::with_capacity(to.pixels());
    for y in 0..to.height() {
        for x in 0..to.width() {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (row, high) in span(y, from.height(), to.height()) {
                for (column, wide) in span(x, from.width(), to.width()) {
                    let value = luma[row * from.width() as usize + column];
                    sum += f64::from(value) * high * wide;
                    weight += high * wide;
                }
            }
            scaled.push((sum / weight).round() as u8);
        }
    }
    scaled
}

fn check_scaled(from: (u32, u32), to: (u32, u32)) {
    let (from, to) = (size(from.0, from.1), size(to.0, to.1));
    let scaled = box_scaled(&plane(from, NOW), from, to);
    let read = decode(&scaled, to.width() as usize, to);
    assert_eq!(read, Some(NOW), "{from} → {to}");
}

#[test]
fn the_time_survives_scaling_down_and_up() {
    check_scaled((1280, 720), (568, 320));
    check_scaled((1280, 720), (852, 480));
    check_scaled((1920, 1080), (568, 320));
    check_scaled((640, 480), (426, 320));
    check_scaled((640, 480), (700, 525));
    check_scaled((640, 360), (1280, 720));
    check_scaled((720, 1280), (256, 320));
    check_scaled((1280, 720), (320, 320));
}

#[test]
fn the_smallest_picture_carries_the_time_and_a_smaller_one_does_not() {
    let smallest = size(MIN_WIDTH, MIN_HEIGHT);
    assert_eq!(
        decode(&plane(smallest, NOW), MIN_WIDTH as usize, smallest),
        Some(NOW)
    );
    for too_small in [size(MIN_WIDTH - 1, MIN_HEIGHT), size(320, MIN_HEIGHT - 1)] {
        let mut luma = vec![0; too_small.pixels()];
        let stride = too_small.width() as usize;
        assert!(!encode(NOW, &mut luma, stride, too_small));
        assert_eq!(luma, vec![0; too_small.pixels()]);
        assert_eq!(decode(&luma, stride, too_small), None);
    }
}

#[test]
fn the_patch_stays_inside_its_area() {
    let size = size(1283, 727);
    let area = area(size).unwrap();
    let luma = plane(size, NOW);
    for (index, &value) in luma.iter().enumerate() {
        let (x, y) = (index % 1283, index / 1283);
        let inside = (area.left..area.left + area.width).contains(&x)
            && (area.top..area.top + area.height).contains(&y);
        assert_eq!(inside, value != 90, "{x},{y}");
    }
}

#[test]
fn a_picture_without_a_patch_has_no_time() {
    let size = size(640, 360);
    for shade in [0, 128, 255] {
        assert_eq!(decode(&vec![shade; size.pixels()], 640, size), None);
    }
    let gradient: Vec<u8> = (0..size.pixels()).map(|i| (i % 251) as u8).collect();
    assert_eq!(decode(&gradient, 640, size), None);
}

#[test]
fn one_wrong_cell_is_noticed() {
    let size = size(640, 360);
    for cell in 0..GRID_COLUMNS.min(COLUMNS) {
        let mut luma = plane(size, NOW);
        let x = column_edge(LEFT + cell, size);
        for line in row_edge(TOP, size)..row_edge(TOP + 1, size) {
            for value in &mut luma[line * 640 + x..][..10] {
                *value = LIGHT - *value + DARK;
            }
        }
        assert_eq!(decode(&luma, 640, size), None, "cell {cell}");
    }
}

#[test]
fn a_plane_shorter_than_its_size_is_refused() {
    let size = size(640, 360);
    let mut short = vec![0; size.pixels() - 1];
    assert!(!encode(NOW, &mut short, 640, size));
    assert_eq!(decode(&short, 640, size), None);
    assert_eq!(decode(&[], usize::MAX, size), None);
}

#[test]
fn the_layout_is_the_documented_one() {
    // Fixed values, for readers written in other languages to test against.
    assert_eq!(crc16(0x31_3233_3435_3637), 0x7718, "CRC of ASCII 1234567");
    let bits = frame(Timestamp::from_micros(0x31_3233_3435_3637));
    assert_eq!(bits, 0x31_3233_3435_3637_7718);
    assert!(bit(bits, 0, 0) && !bit(bits, 0, 1) && !bit(bits, 1, 0) && bit(bits, 1, 1));
    let row = |r| (2..38).map(move |c| u8::from(bit(bits, r, c)).to_string());
    assert_eq!(
        row(0).collect::<String>(),
        "001100010011001000110011001101000011"
    );
    assert_eq!(
        row(1).collect::<String>(),
        "010100110110001101110111011100011000"
    );
}

proptest! {
    #[test]
    fn every_time_is_read_back_at_every_size(
        micros in 0_u64..1 << TIME_BITS,
        width in MIN_WIDTH..1400,
        height in MIN_HEIGHT..800,
        padding in 0_usize..40,
    ) {
        let size = size(width, height);
        let stride = width as usize + padding;
        let time = Timestamp::from_micros(micros);
        let mut luma = vec![0; stride * height as usize];
        prop_assert!(encode(time, &mut luma, stride, size));
        let read = decode(&luma, stride, size);
        // Times after 2554 saturate in Timestamp, which no clock reaches.
        prop_assert_eq!(read.map(Timestamp::as_micros), Some(time.as_micros()));
    }

    #[test]
    fn the_time_survives_noise(
        micros in 0_u64..1 << 52,
        noise in proptest::collection::vec(-60_i16..=60, 257),
    ) {
        let size = size(640, 360);
        let time = Timestamp::from_micros(micros);
        let mut luma = plane(size, time);
        for (value, noise) in luma.iter_mut().zip(noise.iter().cycle()) {
            *value = (i16::from(*value) + noise).clamp(0, 255) as u8;
        }
        prop_assert_eq!(decode(&luma, 640, size), Some(time));
    }

    #[test]
    fn any_pixels_are_looked_at_without_a_panic(
        width in 1_u32..400,
        height in 1_u32..300,
        seed in proptest::collection::vec(any::<u8>(), 1..200),
    ) {
        let size = size(width, height);
        let luma: Vec<u8> = seed.iter().copied().cycle().take(size.pixels()).collect();
        let _ = decode(&luma, width as usize, size);
    }
}
