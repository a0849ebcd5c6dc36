//! What can be set on a device: brightness, exposure, focus and whatever else its driver lists.

use std::os::fd::AsFd as _;

use crate::device::Device;
use crate::error::Error;
use crate::{ioctl, raw};

/// A driver that goes on for ever has lost its mind.
const MOST_CONTROLS: usize = 1_000;
const MOST_MENU_ITEMS: i64 = 1_000;
/// `V4L2_CTRL_TYPE_CTRL_CLASS`: no control, but the headline of those that follow.
const CLASS: u32 = 6;

/// What values a control takes. Numbers are those of `enum v4l2_ctrl_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// 0 or 1.
    Boolean,
    /// One of a menu's items, by its index.
    Menu,
    /// Setting it does something; it has no value.
    Button,
    /// A whole number of 64 bits.
    Integer64,
    /// Bits.
    Bitmask,
    /// One of a menu's items, by its index; the items are numbers.
    IntegerMenu,
}

impl Kind {
    /// Strings, arrays and structures are none of those that people set.
    fn from_kernel(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Integer,
            2 => Self::Boolean,
            3 => Self::Menu,
            4 => Self::Button,
            5 => Self::Integer64,
            8 => Self::Bitmask,
            9 => Self::IntegerMenu,
            _ => return None,
        })
    }
}

/// One choice of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// The value that stands for it.
    pub value: i64,
    /// Its name, or its number.
    pub name: String,
}

/// Something that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The kernel's number of it (`V4L2_CID_…`).
    pub id: u32,
    /// The driver's name of it, such as `Brightness`.
    pub name: String,
    /// The name of the class it belongs to, such as `Camera Controls`; empty if it has none.
    pub group: String,
    /// What values it takes.
    pub kind: Kind,
    /// The least value.
    pub minimum: i64,
    /// The greatest value.
    pub maximum: i64,
    /// From one value to the next.
    pub step: u64,
    /// The value that the driver starts with.
    pub default: i64,
    /// The choices, if it is a menu; some values in the range may be left out.
    pub menu: Vec<MenuItem>,
    /// Setting it has no effect now, because another control is on automatic.
    pub inactive: bool,
    /// It cannot be set.
    pub read_only: bool,
    /// It has no value to be read.
    pub write_only: bool,
    /// It cannot be set while somebody captures.
    pub grabbed: bool,
    /// Its value changes by itself.
    pub volatile: bool,
}

impl Device {
    /// Everything that can be set, in the order of the kernel's numbers.
    ///
    /// # Errors
    /// When asking fails.
    pub fn controls(&self) -> Result<Vec<Control>, Error> {
        let mut controls = Vec::new();
        let mut group = String::new();
        let mut query: raw::QueryExtCtrl = ioctl::zeroed();
        for _ in 0..MOST_CONTROLS {
            query.id |= raw::NEXT_CTRL;
            match ioctl::call(self.as_fd(), &ioctl::QUERY_EXT_CTRL, &mut query) {
                Ok(()) => {}
                Err(error) if matches!(error.number(), Some(libc::EINVAL | libc::ENOTTY)) => break,
                Err(error) => return Err(error),
            }
            // The class comes before its controls.
            if query.kind == CLASS {
                group = ioctl::text(&query.name);
            }
            let settable = query.flags & (raw::CTRL_DISABLED | raw::CTRL_HAS_PAYLOAD) == 0;
            if let Some(kind) = Kind::from_kernel(query.kind).filter(|_| settable) {
                controls.push(self.describe(&query, kind, group.clone()));
            }
        }
        Ok(controls)
    }

    fn describe(&self, query: &raw::QueryExtCtrl, kind: Kind, group: String) -> Control {
        let is = |flag| query.flags & flag != 0;
        Control {
            id: query.id,
            name: ioctl::text(&query.name),
            group,
            kind,
            minimum: query.minimum,
            maximum: query.maximum,
            step: query.step,
            default: query.default_value,
            menu: match kind {
                Kind::Menu | Kind::IntegerMenu => self.menu(query, kind),
                _ => Vec::new(),
            },
            inactive: is(raw::CTRL_INACTIVE),
            read_only: is(raw::CTRL_READ_ONLY),
            write_only: is(raw::CTRL_WRITE_ONLY),
            grabbed: is(raw::CTRL_GRABBED),
            volatile: is(raw::CTRL_VOLATILE),
        }
    }

    /// Items that the driver refuses to name cannot be chosen.
    fn menu(&self, query: &raw::QueryExtCtrl, kind: Kind) -> Vec<MenuItem> {
        let last = query
            .maximum
            .min(query.minimum.saturating_add(MOST_MENU_ITEMS));
        let item = |value: i64| {
            let mut item = raw::QueryMenu {
                id: query.id,
                index: u32::try_from(value).ok()?,
                ..ioctl::zeroed()
            };
            ioctl::call(self.as_fd(), &ioctl::QUERYMENU, &mut item).ok()?;
            let name = if kind == Kind::IntegerMenu {
                let (number, _) = item.name.split_first_chunk()?;
                i64::from_ne_bytes(*number).to_string()
            } else {
                ioctl::text(&item.name)
            };
            Some(MenuItem { value, name })
        };
        (query.minimum..=last).filter_map(item).collect()
    }

    /// The value of a control.
    ///
    /// # Errors
    /// When it has none, or the device does not answer.
    pub fn get(&self, control: &Control) -> Result<i64, Error> {
        let mut one: raw::ExtControl = ioctl::zeroed();
        one.id = control.id;
        self.pass(&ioctl::G_EXT_CTRLS, &mut one)?;
        let [a, b, c, d, ..] = one.value;
        let half = [a, b, c, d];
        Ok(match control.kind {
            Kind::Integer64 => i64::from_ne_bytes(one.value),
            Kind::Bitmask => u32::from_ne_bytes(half).into(),
            _ => i32::from_ne_bytes(half).into(),
        })
    }

    /// Sets a control; drivers round to what they can.
    ///
    /// # Errors
    /// When the value is out of range (`ERANGE`), or the control cannot be set, always
    /// (`EACCES`) or now (`EBUSY`).
    pub fn set(&self, control: &Control, value: i64) -> Result<(), Error> {
        let mut one: raw::ExtControl = ioctl::zeroed();
        one.id = control.id;
        one.value = if control.kind == Kind::Integer64 {
            value.to_ne_bytes()
        } else {
            // Bit masks use all 32 bits; what does not fit is out of every range.
            let bits = i32::try_from(value)
                .map(i32::to_ne_bytes)
                .or_else(|_| u32::try_from(value).map(u32::to_ne_bytes))
                .map_err(|_| {
                    let why = std::io::Error::from_raw_os_error(libc::ERANGE);
                    Error::new("VIDIOC_S_EXT_CTRLS", why)
                })?;
            let mut wide = [0; 8];
            wide[..4].copy_from_slice(&bits);
            wide
        };
        self.pass(&ioctl::S_EXT_CTRLS, &mut one)
    }

    fn pass(
        &self,
        call: &ioctl::Call<raw::ExtControls>,
        one: &mut raw::ExtControl,
    ) -> Result<(), Error> {
        let mut all: raw::ExtControls = ioctl::zeroed();
        all.which = raw::CURRENT_VALUE;
        all.count = 1;
        // `one` lives until the call has returned, and is as many as `count` says.
        all.controls = one;
        ioctl::call(self.as_fd(), call, &mut all)
    }
}
