//! JPEGs in packets, and those that cannot be.

use proptest::prelude::*;

use super::super::sender::frames;
use super::super::*;

#[test]
fn a_jpeg_goes_with_its_tables_in_the_first_packet() {
    let jpeg = include_bytes!("../../../tests/fixtures/32x16_420.jpg");
    let scan = jpeg::Scan::of(jpeg).unwrap();
    let mut all = Vec::new();
    scan.pack(9, &mut Sender::new(0, jpeg::PAYLOAD_TYPE, 1, 0), &mut all);
    let (_, packet) = frames(&all).next().unwrap();
    let packet = Packet::parse(packet).unwrap();
    assert!(packet.marker);
    assert_eq!(packet.payload[..4], [0; 4]);
    assert_eq!(packet.payload[5..8], [255, 4, 2]);
    assert_eq!(packet.payload[8..12], [0, 0, 0, 128]);
    assert!(packet.payload.len() > 12 + 128);
}

#[test]
fn jpegs_that_rtp_cannot_carry_say_why() {
    let jpeg = include_bytes!("../../../tests/fixtures/32x16_420.jpg").to_vec();
    let sof = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
        let mut changed = jpeg.clone();
        change(&mut changed);
        let said = jpeg::Scan::of(&changed).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    check(&|jpeg| jpeg[sof + 1] = 0xc2, "baseline");
    check(
        &|jpeg| jpeg[sof + 5..sof + 7].copy_from_slice(&[0x08, 0x00]),
        "2040",
    );
    check(&|jpeg| jpeg[sof + 11] = 0x11, "4:2:0");
    check(&|jpeg| jpeg.truncate(sof + 3), "cut short");
    check(&|jpeg| jpeg.clear(), "begin");
}

proptest! {
    #[test]
    fn any_damage_to_a_jpeg_is_read_without_panic(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>(),
    ) {
        let mut jpeg = include_bytes!("../../../tests/fixtures/32x16_420.jpg").to_vec();
        jpeg.truncate(1 + length.index(jpeg.len()));
        let at = at.index(jpeg.len());
        jpeg[at] = byte;
        if let Ok(scan) = jpeg::Scan::of(&jpeg) {
            let mut all = Vec::new();
            scan.pack(0, &mut Sender::new(0, 26, 1, 0), &mut all);
            prop_assert!(frames(&all).all(|(_, packet)| Packet::parse(packet).is_ok()));
        }
    }
}
