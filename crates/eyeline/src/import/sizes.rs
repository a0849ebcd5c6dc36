//! Names of picture sizes, as FFmpeg knows them.

use eyeline_media::Resolution;

const NAMED: &[(&str, u32, u32)] = &[
    ("ntsc", 720, 480),
    ("pal", 720, 576),
    ("qntsc", 352, 240),
    ("qpal", 352, 288),
    ("sntsc", 640, 480),
    ("spal", 768, 576),
    ("film", 352, 240),
    ("ntsc-film", 352, 240),
    ("sqcif", 128, 96),
    ("qcif", 176, 144),
    ("cif", 352, 288),
    ("4cif", 704, 576),
    ("16cif", 1408, 1152),
    ("qqvga", 160, 120),
    ("hqvga", 240, 160),
    ("qvga", 320, 240),
    ("wqvga", 400, 240),
    ("fwqvga", 432, 240),
    ("hvga", 480, 320),
    ("vga", 640, 480),
    ("svga", 800, 600),
    ("xga", 1024, 768),
    ("uxga", 1600, 1200),
    ("qxga", 2048, 1536),
    ("sxga", 1280, 1024),
    ("qsxga", 2560, 2048),
    ("hsxga", 5120, 4096),
    ("wvga", 852, 480),
    ("wxga", 1366, 768),
    ("wsxga", 1600, 1024),
    ("wuxga", 1920, 1200),
    ("woxga", 2560, 1600),
    ("wqhd", 2560, 1440),
    ("wqsxga", 3200, 2048),
    ("wquxga", 3840, 2400),
    ("whsxga", 6400, 4096),
    ("whuxga", 7680, 4800),
    ("cga", 320, 200),
    ("ega", 640, 350),
    ("nhd", 640, 360),
    ("qhd", 960, 540),
    ("hd480", 852, 480),
    ("hd720", 1280, 720),
    ("hd1080", 1920, 1080),
    ("quadhd", 2560, 1440),
    ("2k", 2048, 1080),
    ("2kdci", 2048, 1080),
    ("2kflat", 1998, 1080),
    ("2kscope", 2048, 858),
    ("4k", 4096, 2160),
    ("4kdci", 4096, 2160),
    ("4kflat", 3996, 2160),
    ("4kscope", 4096, 1716),
    ("uhd2160", 3840, 2160),
    ("uhd4320", 7680, 4320),
];

/// A size as `352x240` or by its name.
pub(super) fn read(text: &str) -> Result<Resolution, String> {
    let named = NAMED.iter().find(|(name, ..)| *name == text.to_lowercase());
    let size = match named {
        Some((_, width, height)) => Resolution::new(*width, *height),
        None => text.parse(),
    };
    size.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_pixels_and_by_name() {
        let check = |text: &str, expected: Option<&str>| {
            let size = read(text).ok().map(|size| size.to_string());
            assert_eq!(size.as_deref(), expected, "{text}");
        };
        check("352x240", Some("352x240"));
        check("cif", Some("352x288"));
        check("HD720", Some("1280x720"));
        check("huge", None);
        check("0x0", None);
    }

    #[test]
    fn every_named_size_is_a_size() {
        for (name, ..) in NAMED {
            assert!(read(name).is_ok(), "{name}");
        }
    }
}
