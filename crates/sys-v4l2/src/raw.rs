//! The structures of `linux/videodev2.h` that are passed to the kernel, with their own names
//! and in their own order, and the numbers of the calls that take them.
//!
//! Not here: calling the kernel.

use libc::{c_ulong, timeval};

/// `V4L2_BUF_TYPE_VIDEO_CAPTURE`, `…_CAPTURE_MPLANE`.
pub(crate) const CAPTURE: u32 = 1;
pub(crate) const CAPTURE_MPLANE: u32 = 9;
/// `V4L2_MEMORY_MMAP`.
pub(crate) const MMAP: u32 = 1;
/// `V4L2_FIELD_ANY`, `V4L2_FIELD_NONE`.
pub(crate) const FIELD_NONE: u32 = 1;
/// `VIDEO_MAX_PLANES`.
pub(crate) const MAX_PLANES: usize = 8;

/// Bits of a device's capabilities, `V4L2_CAP_…`.
pub(crate) const CAP_VIDEO_CAPTURE: u32 = 0x1;
pub(crate) const CAP_VIDEO_CAPTURE_MPLANE: u32 = 0x1000;
pub(crate) const CAP_STREAMING: u32 = 0x0400_0000;
pub(crate) const CAP_DEVICE_CAPS: u32 = 0x8000_0000;

/// Bits of a format's description, `V4L2_FMT_FLAG_…`.
pub(crate) const FMT_COMPRESSED: u32 = 0x1;
pub(crate) const FMT_EMULATED: u32 = 0x2;

/// `V4L2_FRMSIZE_TYPE_DISCRETE`, `V4L2_FRMIVAL_TYPE_DISCRETE`.
pub(crate) const DISCRETE: u32 = 1;

/// Bits of a buffer's flags, `V4L2_BUF_FLAG_…`.
pub(crate) const BUF_ERROR: u32 = 0x40;
pub(crate) const BUF_TIMESTAMP_MASK: u32 = 0xe000;
pub(crate) const BUF_TIMESTAMP_MONOTONIC: u32 = 0x2000;

/// `V4L2_CAP_TIMEPERFRAME`.
pub(crate) const CAN_SET_RATE: u32 = 0x1000;

/// In `magic` (the kernel calls it `priv`) when the fields behind it are filled in, `V4L2_PIX_FMT_PRIV_MAGIC`.
pub(crate) const PRIV_MAGIC: u32 = 0xfeed_cafe;
/// `V4L2_COLORSPACE_JPEG`.
pub(crate) const COLORSPACE_JPEG: u32 = 7;
/// `V4L2_QUANTIZATION_…`.
pub(crate) const FULL_RANGE: u32 = 1;
pub(crate) const LIMITED_RANGE: u32 = 2;
/// Bits that ask for the next control, `V4L2_CTRL_FLAG_NEXT_CTRL`.
pub(crate) const NEXT_CTRL: u32 = 0x8000_0000;
/// Bits of a control's flags, `V4L2_CTRL_FLAG_…`.
pub(crate) const CTRL_DISABLED: u32 = 0x1;
pub(crate) const CTRL_GRABBED: u32 = 0x2;
pub(crate) const CTRL_READ_ONLY: u32 = 0x4;
pub(crate) const CTRL_INACTIVE: u32 = 0x10;
pub(crate) const CTRL_WRITE_ONLY: u32 = 0x40;
pub(crate) const CTRL_VOLATILE: u32 = 0x80;
pub(crate) const CTRL_HAS_PAYLOAD: u32 = 0x100;
/// `V4L2_CTRL_WHICH_CUR_VAL`.
pub(crate) const CURRENT_VALUE: u32 = 0;

/// A structure of the kernel's: any bytes are valid for it, zeros included.
///
/// # Safety
/// Only numbers, pointers that the kernel checks, and arrays and unions of such.
#[expect(unsafe_code, reason = "says what the compiler cannot know")]
pub(crate) unsafe trait Plain: Copy {}

macro_rules! plain {
    ($($(#[$doc:meta])* struct $name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub(crate) struct $name { $(pub(crate) $field: $kind,)* }
        // SAFETY: made of numbers, pointers to them, and arrays and unions of such.
        #[expect(unsafe_code, reason = "declares that any bytes are valid")]
        unsafe impl Plain for $name {}
    )*};
}

plain! {
    struct Capability {
        driver: [u8; 16],
        card: [u8; 32],
        bus_info: [u8; 32],
        version: u32,
        capabilities: u32,
        device_caps: u32,
        reserved: [u32; 3],
    }
    struct FmtDesc {
        index: u32,
        kind: u32,
        flags: u32,
        description: [u8; 32],
        pixelformat: u32,
        mbus_code: u32,
        reserved: [u32; 3],
    }
    /// `sizes` are width and height, or min, max and step of each.
    struct FrmSizeEnum {
        index: u32,
        pixel_format: u32,
        kind: u32,
        sizes: [u32; 6],
        reserved: [u32; 2],
    }
    struct Fract {
        numerator: u32,
        denominator: u32,
    }
    /// `intervals` are one, or the shortest, the longest and the step.
    struct FrmIvalEnum {
        index: u32,
        pixel_format: u32,
        width: u32,
        height: u32,
        kind: u32,
        intervals: [Fract; 3],
        reserved: [u32; 2],
    }
    struct PixFormat {
        width: u32,
        height: u32,
        pixelformat: u32,
        field: u32,
        bytesperline: u32,
        sizeimage: u32,
        colorspace: u32,
        magic: u32,
        flags: u32,
        ycbcr_enc: u32,
        quantization: u32,
        xfer_func: u32,
    }
    struct PlanePixFormat {
        sizeimage: u32,
        bytesperline: u32,
        reserved: [u16; 6],
    }
    struct PixFormatMplane {
        width: u32,
        height: u32,
        pixelformat: u32,
        field: u32,
        colorspace: u32,
        plane_fmt: [PlanePixFormat; MAX_PLANES],
        num_planes: u8,
        flags: u8,
        ycbcr_enc: u8,
        quantization: u8,
        more: [u8; 8],
    }
    struct Format {
        kind: u32,
        fmt: AnyFormat,
    }
    struct RequestBuffers {
        count: u32,
        kind: u32,
        memory: u32,
        capabilities: u32,
        flags: u32,
    }
    struct Buffer {
        index: u32,
        kind: u32,
        bytesused: u32,
        flags: u32,
        field: u32,
        timestamp: timeval,
        timecode: [u32; 4],
        sequence: u32,
        memory: u32,
        m: BufferPlace,
        length: u32,
        reserved2: u32,
        request_fd: i32,
    }
    struct PlaneBuffer {
        bytesused: u32,
        length: u32,
        m: PlanePlace,
        data_offset: u32,
        reserved: [u32; 11],
    }
    struct CaptureParm {
        capability: u32,
        capturemode: u32,
        timeperframe: Fract,
        extendedmode: u32,
        readbuffers: u32,
        reserved: [u32; 4],
    }
    struct StreamParm {
        kind: u32,
        capture: CaptureParm,
        rest: [u32; 40],
    }
    struct QueryExtCtrl {
        id: u32,
        kind: u32,
        name: [u8; 32],
        minimum: i64,
        maximum: i64,
        step: u64,
        default_value: i64,
        flags: u32,
        elem_size: u32,
        elems: u32,
        nr_of_dims: u32,
        dims: [u32; 4],
        reserved: [u32; 32],
    }
    /// `name` is also the place of an integer menu's 64-bit value.
    struct QueryMenu {
        id: u32,
        index: u32,
        name: [u8; 32],
        reserved: u32,
    }
    /// `value` holds 32 or 64 bits, as the control's kind says.
    struct ExtControl {
        id: u32,
        size: u32,
        reserved2: u32,
        value: [u8; 8],
    }
    struct ExtControls {
        which: u32,
        count: u32,
        error_idx: u32,
        request_fd: i32,
        reserved: u32,
        controls: *mut ExtControl,
    }
}

/// The kernel's union of formats, with its size and alignment.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union AnyFormat {
    pub(crate) pix: PixFormat,
    pub(crate) pix_mp: PixFormatMplane,
    pub(crate) raw_data: [u8; 200],
    pub(crate) align: c_ulong,
}

/// Where a buffer is.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union BufferPlace {
    pub(crate) offset: u32,
    pub(crate) planes: *mut PlaneBuffer,
}

/// Where a plane of a buffer is.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union PlanePlace {
    pub(crate) mem_offset: u32,
    pub(crate) userptr: c_ulong,
}

// SAFETY: a number of the C compiler's size.
#[expect(unsafe_code, reason = "declares that any bytes are valid")]
unsafe impl Plain for u32 {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel's own sizes, which are part of the numbers of its calls.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn structures_are_as_large_as_the_kernels() {
        let check = |name: &str, size: usize, expected: usize| assert_eq!(size, expected, "{name}");
        check("capability", size_of::<Capability>(), 104);
        check("fmtdesc", size_of::<FmtDesc>(), 64);
        check("frmsizeenum", size_of::<FrmSizeEnum>(), 44);
        check("frmivalenum", size_of::<FrmIvalEnum>(), 52);
        check("pix_format", size_of::<PixFormat>(), 48);
        check("pix_format_mplane", size_of::<PixFormatMplane>(), 192);
        check("format", size_of::<Format>(), 208);
        check("requestbuffers", size_of::<RequestBuffers>(), 20);
        check("buffer", size_of::<Buffer>(), 88);
        check("plane", size_of::<PlaneBuffer>(), 64);
        check("streamparm", size_of::<StreamParm>(), 204);
        check("query_ext_ctrl", size_of::<QueryExtCtrl>(), 232);
        check("querymenu", size_of::<QueryMenu>(), 44);
        check("ext_control", size_of::<ExtControl>(), 20);
        check("ext_controls", size_of::<ExtControls>(), 32);
    }
}
