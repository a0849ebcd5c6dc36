//! Descriptions as cameras and programs write them, and ours.

use eyeline_media::{AudioCodec, AudioFormat};

use super::*;

/// As ffmpeg 5.1 announces.
const FFMPEG: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=No Name\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    a=tool:libavformat 59.27.100\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
    a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHtkAoC/5YQAAAwABAAADADIPFi5I,aMuDyyA=; profile-level-id=42C01E\r\n\
    a=control:streamid=0\r\nm=audio 0 RTP/AVP 97\r\nb=AS:69\r\na=rtpmap:97 MPEG4-GENERIC/44100/1\r\n\
    a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=120856E500\r\n\
    a=control:streamid=1\r\n";

#[test]
fn what_ffmpeg_announces_is_understood() {
    let found = Description::parse(FFMPEG.as_bytes()).unwrap();
    assert_eq!(found.media.len(), 2);
    assert_eq!(found.media[0].control.as_deref(), Some("streamid=0"));
    let video = Track::of(&found.media[0]).unwrap();
    let Coded::H264(sets) = &video.coded else {
        panic!("{video:?}")
    };
    assert_eq!(sets.len(), 2);
    let sound = Track::of(&found.media[1]).unwrap();
    let Coded::Sound(format) = &sound.coded else {
        panic!("{sound:?}")
    };
    assert_eq!(
        (format.codec, format.sample_rate, format.channels),
        (AudioCodec::Aac, 44_100, 1)
    );
    assert_eq!(format.config[..], [0x12, 0x08, 0x56, 0xe5, 0x00]);
    assert_eq!((sound.payload_type, sound.hz.get()), (97, 44_100));
}

#[test]
fn what_we_write_we_understand() {
    let check = |codec, sample_rate, channels, config: &'static [u8]| {
        let format = AudioFormat {
            codec,
            sample_rate,
            channels,
            config: config.into(),
        };
        let sets = vec![vec![0x67, 0x42, 0xc0, 0x1e, 1], vec![0x68, 2]];
        let text = write("a\r\nb", &Video::H264(sets.clone()), Some(&format), |n| {
            format!("t{n}")
        });
        let found = Description::parse(text.as_bytes()).unwrap();
        assert!(text.contains("profile-level-id=42c01e"), "{text}");
        let tracks: Vec<_> = found.media.iter().map(|m| Track::of(m).unwrap()).collect();
        let controls: Vec<_> = found
            .media
            .iter()
            .map(|m| m.control.clone().unwrap())
            .collect();
        assert_eq!(controls, ["t0", "t1"]);
        let Coded::H264(read) = &tracks[0].coded else {
            panic!("{tracks:?}")
        };
        assert_eq!(
            read.iter().map(|set| set.to_vec()).collect::<Vec<_>>(),
            sets
        );
        let Coded::Sound(read) = &tracks[1].coded else {
            panic!("{tracks:?}")
        };
        assert_eq!(**read, format);
        assert_eq!(tracks[1].payload_type, sound_type(&format));
    };
    check(AudioCodec::Aac, 48_000, 2, &[0x11, 0x90]);
    check(AudioCodec::Opus, 48_000, 2, &[]);
    check(AudioCodec::Opus, 48_000, 1, &[]);
    check(AudioCodec::Pcmu, 8_000, 1, &[]);
    check(AudioCodec::Pcma, 16_000, 2, &[]);
}

#[test]
fn what_is_not_taken_is_said() {
    let check = |media: &str, expected: &str| {
        let found = Description::parse(media.as_bytes()).unwrap();
        let said = Track::of(&found.media[0]).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    check("m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000", "H265");
    check(
        "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/44100/1",
        "config",
    );
    check(
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2",
        "mode 2",
    );
    check("m=application 0 RTP/AVP 107", "payload type 107");
}

#[test]
fn what_is_no_description_is_refused() {
    let check = |text: &[u8], expected: Error| {
        assert_eq!(Description::parse(text), Err(expected));
    };
    check(
        b"v=0\nhello",
        Error::Line {
            line: 2,
            what: "there is no `=`",
        },
    );
    check(
        b"m=video",
        Error::Line {
            line: 1,
            what: "it names no format",
        },
    );
    check(&[b's', b'=', 0xff], Error::NoText(2));
    check(&vec![b'a'; MAX_BYTES + 1], Error::TooLong);
    check("a=b\n".repeat(MAX_LINES + 1).as_bytes(), Error::TooMuch);
}

#[test]
fn what_gstreamer_announces_of_sound_is_understood() {
    let media = |more: &str| {
        let text = format!("m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/44100\na=fmtp:97 {more}");
        Track::of(&Description::parse(text.as_bytes()).unwrap().media[0])
    };
    let sound = media("cpresent=0;config=400024203fc0").unwrap();
    let Coded::Sound(format) = &sound.coded else {
        panic!("{sound:?}")
    };
    assert_eq!(
        (format.codec, format.sample_rate),
        (AudioCodec::Aac, 44_100)
    );
    assert_eq!(
        (format.channels, &format.config[..]),
        (2, &[0x12, 0x10][..])
    );
    for refused in [
        "config=400024203fc0",
        "cpresent=0",
        "cpresent=0;config=c00024203fc0",
    ] {
        let error = media(refused).unwrap_err().to_string();
        assert!(error.contains("RFC 3640"), "{error}");
    }
}
