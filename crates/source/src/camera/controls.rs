//! The controls of a camera: listed, checked and set.
//!
//! A device lets others in for its controls while somebody captures, so this opens it once
//! more and leaves the capture alone.

use std::path::PathBuf;

use eyeline_sys_v4l2::{Control, Device, Kind};

use super::trouble::explain;
use super::which::Which;
use crate::controls::{ControlChanges, ControlError, ControlValues, Controls, Setting};
use crate::machine::CameraControl;

/// A camera that is open for its controls.
pub(crate) struct Controlled {
    path: PathBuf,
    device: Device,
}

impl Controlled {
    pub(crate) fn open(which: &Which) -> Result<Self, ControlError> {
        let opened = which.open();
        let (path, device) = opened.map_err(|error| ControlError::Camera(error.to_string()))?;
        Ok(Self { path, device })
    }

    /// How all controls are now.
    pub(crate) fn controls(&self) -> Result<Controls, ControlError> {
        let controls = self.ask()?;
        Ok(Controls {
            device: Some(self.path.display().to_string()),
            name: Some(self.device.info().card.clone()),
            controls: told(&self.device, &controls),
            kept: ControlValues::new(),
        })
    }

    /// Sets what is to be changed; how all are then, and to which values those were set
    /// that have one.
    pub(crate) fn set(
        &self,
        changes: &ControlChanges,
    ) -> Result<(Controls, ControlValues), ControlError> {
        let controls = self.ask()?;
        let wanted = check(&self.path.display().to_string(), &controls, changes)?;
        let set: Result<ControlValues, _> = apply(&self.device, &controls, &wanted).collect();
        let mut values = set?;
        let button = |id: &String| {
            let is_it =
                |(known, control): &(String, Control)| known == id && control.kind == Kind::Button;
            controls.iter().any(is_it)
        };
        values.retain(|id, _| !button(id));
        Ok((self.controls()?, values))
    }

    /// Sets every control to what the driver starts with.
    pub(crate) fn reset(&self) -> Result<Controls, ControlError> {
        let controls = self.ask()?;
        let all = controls.iter().enumerate();
        let settable = all.filter(|(_, (_, one))| !one.read_only && one.kind != Kind::Button);
        let wanted: Vec<_> = settable.map(|(at, (_, one))| (at, one.default)).collect();
        for error in apply(&self.device, &controls, &wanted).filter_map(Result::err) {
            // Those that are on automatic now may refuse.
            tracing::debug!(device = %self.path.display(), "not reset: {error}");
        }
        self.controls()
    }

    fn ask(&self) -> Result<Vec<(String, Control)>, ControlError> {
        listed(&self.device)
            .map_err(|error| ControlError::Camera(explain(&self.path, &error).to_string()))
    }
}

/// Sets controls that were kept, as well as it goes: a camera that was replaced by another
/// one may not have them all.
pub(super) fn restore(device: &Device, name: &str, kept: &ControlValues) {
    if kept.is_empty() {
        return;
    }
    let restored = listed(device).map_err(|error| ControlError::Camera(error.to_string()));
    let restored = restored.map(|controls| {
        let one = |(id, value): (&String, &i64)| (id.clone(), Setting::Value(*value));
        let checked = kept
            .iter()
            .map(one)
            .map(|(id, setting)| check(name, &controls, &ControlChanges::from([(id, setting)])));
        let (wanted, wrong): (Vec<_>, Vec<_>) = checked.partition(Result::is_ok);
        let wanted: Vec<_> = wanted.into_iter().flatten().flatten().collect();
        let refused = apply(device, &controls, &wanted).filter_map(Result::err);
        let wrong = wrong.into_iter().filter_map(Result::err);
        wrong.chain(refused).collect::<Vec<_>>()
    });
    for error in restored.unwrap_or_else(|error| vec![error]) {
        tracing::warn!(device = name, "a control that was kept is not set: {error}");
    }
}

/// Which controls are to be set to what, by their places in the list.
fn check(
    device: &str,
    controls: &[(String, Control)],
    changes: &ControlChanges,
) -> Result<Vec<(usize, i64)>, ControlError> {
    let one = |(id, setting): (&String, &Setting)| {
        let at = controls.iter().position(|(known, _)| known == id);
        let at = at.ok_or_else(|| unknown(id, device, controls))?;
        let id = id.clone();
        match value(&controls[at].1, setting) {
            Ok(value) => Ok((at, value)),
            Err(why) => Err(ControlError::Value { id, why }),
        }
    };
    changes.iter().map(one).collect()
}

/// Sets one control after the other: which has become what.
fn apply<'a>(
    device: &'a Device,
    controls: &'a [(String, Control)],
    wanted: &'a [(usize, i64)],
) -> impl Iterator<Item = Result<(String, i64), ControlError>> + 'a {
    // Switches and choices first: what they turn to manual can be set only after that.
    let (first, then): (Vec<_>, Vec<_>) = wanted
        .iter()
        .partition(|(at, _)| is_switch(&controls[*at].1));
    let pressed = |&(at, value): &(usize, i64)| controls[at].1.kind != Kind::Button || value != 0;
    first
        .into_iter()
        .chain(then)
        .filter(pressed)
        .map(|(at, value)| {
            let (id, control) = &controls[at];
            let set = device.set(control, value);
            set.map(|()| (id.clone(), value))
                .map_err(|error| ControlError::Refused {
                    id: id.clone(),
                    why: refusal(control, &error),
                })
        })
}

fn is_switch(control: &Control) -> bool {
    matches!(control.kind, Kind::Boolean | Kind::Menu)
}

fn refusal(control: &Control, error: &eyeline_sys_v4l2::Error) -> String {
    if control.inactive {
        "it has no effect while another control is on automatic".to_owned()
    } else if error.is_busy() {
        "it cannot be changed while the camera runs".to_owned()
    } else {
        error.source.to_string()
    }
}

/// The value that is meant, if the control can have it.
fn value(control: &Control, setting: &Setting) -> Result<i64, String> {
    if control.read_only {
        return Err("it can only be read".to_owned());
    }
    let value = match setting {
        Setting::Default => return Ok(control.default),
        Setting::Value(value) => *value,
        Setting::Item(name) => {
            let same = |item: &&eyeline_sys_v4l2::MenuItem| item.name.eq_ignore_ascii_case(name);
            let item = control.menu.iter().find(same);
            return item.map(|item| item.value).ok_or_else(|| {
                if control.menu.is_empty() {
                    format!("{name:?} is no number")
                } else {
                    format!("there is no choice {name:?}; use {}", choices(control))
                }
            });
        }
    };
    let in_range = match control.kind {
        Kind::Button | Kind::Bitmask => true,
        Kind::Menu | Kind::IntegerMenu => control.menu.iter().any(|item| item.value == value),
        _ => (control.minimum..=control.maximum).contains(&value),
    };
    match control.kind {
        _ if in_range => Ok(value),
        Kind::Menu | Kind::IntegerMenu => Err(format!(
            "there is no choice {value}; use {}",
            choices(control)
        )),
        _ => Err(format!(
            "{value} is out of range; use {} to {}",
            control.minimum, control.maximum
        )),
    }
}

fn choices(control: &Control) -> String {
    let choice = |item: &eyeline_sys_v4l2::MenuItem| format!("{:?} ({})", item.name, item.value);
    let all: Vec<_> = control.menu.iter().map(choice).collect();
    all.join(", ")
}

fn unknown(id: &str, device: &str, controls: &[(String, Control)]) -> ControlError {
    let like = controls
        .iter()
        .map(|(known, _)| (strsim::jaro_winkler(id, known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    ControlError::Unknown {
        id: id.to_owned(),
        device: device.to_owned(),
        meant: like.map_or(String::new(), |(_, known)| {
            format!(" (did you mean {known}?)")
        }),
    }
}

/// The controls with the ids that people use.
fn listed(device: &Device) -> Result<Vec<(String, Control)>, eyeline_sys_v4l2::Error> {
    let mut listed: Vec<(String, Control)> = Vec::new();
    for control in device.controls()? {
        let id = id_of(&control.name);
        let taken = |id: &str| listed.iter().any(|(known, _)| known == id);
        let numbered = (2..).map(|number| format!("{id}_{number}"));
        let free = [id.clone()]
            .into_iter()
            .chain(numbered)
            .find(|id| !taken(id));
        listed.push((free.unwrap_or(id), control));
    }
    Ok(listed)
}

/// `White Balance Temperature, Auto` is `white_balance_temperature_auto`, as `v4l2-ctl` has it.
fn id_of(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// The controls of a device, for people and programs; none if it does not answer.
pub(super) fn of(device: &Device) -> Vec<CameraControl> {
    told(device, &listed(device).unwrap_or_default())
}

fn told(device: &Device, controls: &[(String, Control)]) -> Vec<CameraControl> {
    let one = |(id, control): &(String, Control)| CameraControl {
        id: id.clone(),
        group: control.group.clone(),
        value: device.get(control).ok(),
        kind: match control.kind {
            Kind::Integer | Kind::Integer64 => "integer",
            Kind::Boolean => "boolean",
            Kind::Menu | Kind::IntegerMenu => "menu",
            Kind::Button => "button",
            Kind::Bitmask => "bitmask",
        },
        name: control.name.clone(),
        minimum: control.minimum,
        maximum: control.maximum,
        step: control.step,
        default: control.default,
        choices: control
            .menu
            .iter()
            .map(|item| (item.value, item.name.clone()))
            .collect(),
        inactive: control.inactive,
        read_only: control.read_only,
    };
    controls.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use eyeline_sys_v4l2::MenuItem;

    use super::*;

    fn control(kind: Kind, range: (i64, i64), menu: &[(i64, &str)]) -> Control {
        Control {
            id: 1,
            name: "A".to_owned(),
            group: String::new(),
            kind,
            minimum: range.0,
            maximum: range.1,
            step: 1,
            default: 3,
            menu: menu
                .iter()
                .map(|(value, name)| MenuItem {
                    value: *value,
                    name: (*name).to_owned(),
                })
                .collect(),
            inactive: false,
            read_only: false,
            write_only: false,
            grabbed: false,
            volatile: false,
        }
    }

    #[test]
    fn ids_are_those_of_v4l2_ctl() {
        let check = |name: &str, expected: &str| assert_eq!(id_of(name), expected);
        check("Brightness", "brightness");
        check(
            "White Balance Temperature, Auto",
            "white_balance_temperature_auto",
        );
        check("Pan (Absolute)", "pan_absolute");
        check("Inject V4L2_BUF_FLAG_ERROR", "inject_v4l2_buf_flag_error");
    }

    #[test]
    fn a_value_is_taken_if_the_control_can_have_it_and_else_it_is_said_which() {
        let check = |control: &Control, setting: Setting, expected: Result<i64, &str>| {
            let found = value(control, &setting);
            assert_eq!(found, expected.map_err(str::to_owned), "{setting:?}");
        };
        let number = control(Kind::Integer, (0, 255), &[]);
        check(&number, Setting::Value(255), Ok(255));
        check(&number, Setting::Default, Ok(3));
        let range = "256 is out of range; use 0 to 255";
        check(&number, Setting::Value(256), Err(range));
        let item = Setting::Item("bright".to_owned());
        check(&number, item, Err("\"bright\" is no number"));
        let menu = control(Kind::Menu, (0, 3), &[(1, "Manual Mode"), (3, "Auto")]);
        check(&menu, Setting::Item("manual mode".to_owned()), Ok(1));
        check(&menu, Setting::Value(3), Ok(3));
        let said = "there is no choice 2; use \"Manual Mode\" (1), \"Auto\" (3)";
        check(&menu, Setting::Value(2), Err(said));
        let mut fixed = number;
        fixed.read_only = true;
        check(&fixed, Setting::Value(1), Err("it can only be read"));
    }
}
