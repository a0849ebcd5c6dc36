//! What can be set on a stream's camera while it runs: brightness, exposure, focus and
//! whatever else its driver lists. Whoever looks stays, and sees it in the next pictures.
//!
//! Not here: calling the driver (`camera`).

use std::collections::BTreeMap;

use eyeline_auth::{Grant, Publish};
use eyeline_media::StreamId;

use crate::machine::CameraControl;
use crate::streams::{ChangeError, Streams};

/// Values by the controls' ids, such as `brightness`.
pub type ControlValues = BTreeMap<String, i64>;

/// What controls are to become, by their ids.
pub type ControlChanges = BTreeMap<String, Setting>;

/// What a control is to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// This value; of a button anything but 0 presses it.
    Value(i64),
    /// The item of a menu with this name, whatever the case of its letters.
    Item(String),
    /// What the driver starts with.
    Default,
}

/// A stream's camera, and what can be set on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Controls {
    /// The device, such as `/dev/video0`; `None` if the stream has no camera of this machine.
    pub device: Option<String>,
    /// The camera's name.
    pub name: Option<String>,
    /// What can be set, in the order of the driver.
    pub controls: Vec<CameraControl>,
    /// What is set anew whenever the camera is opened.
    pub kept: ControlValues,
}

/// Why controls cannot be read or set. Unless a camera [refuses](Self::Refused), none was set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such stream.
    #[error(transparent)]
    Stream(#[from] ChangeError),
    /// The stream's source is something else.
    #[error("the source of {0} is no camera of this machine, so it has no controls")]
    NoCamera(StreamId),
    /// The camera does not answer.
    #[error("{0}")]
    Camera(String),
    /// It has no control of this id.
    #[error("{id}: {device} has no such control; GET the controls to see what it has{meant}")]
    Unknown {
        /// As it was asked for.
        id: String,
        /// The device.
        device: String,
        /// What was probably meant, as half a sentence, or nothing.
        meant: String,
    },
    /// It has no such value.
    #[error("{id}: {why}")]
    Value {
        /// The control.
        id: String,
        /// What is wrong with the value, and what it takes.
        why: String,
    },
    /// The driver says no; what was asked for before it is set.
    #[error("{id}: the camera does not take it: {why}")]
    Refused {
        /// The control.
        id: String,
        /// What the system says.
        why: String,
    },
}

impl Streams {
    /// The controls of a stream's camera: of the one that is shown, or else of the first in
    /// its list. Asks the driver, which may take a moment.
    ///
    /// # Errors
    /// [`ControlError::Stream`], [`ControlError::Camera`].
    pub async fn controls(&self, id: &StreamId) -> Result<Controls, ControlError> {
        self.with_camera(id, |camera| camera.controls())
            .await
            .unwrap_or_else(|| Ok(Controls::default()))
            .map(|controls| self.with_kept(id, controls))
    }

    /// Sets controls, and says how they are then. With `keep` they are set whenever the
    /// camera is opened, too.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn set_controls(
        &self,
        grant: &Grant<Publish>,
        changes: ControlChanges,
        keep: bool,
    ) -> Result<Controls, ControlError> {
        let id = grant.stream();
        let set = self.with_camera(id, move |camera| camera.set(&changes));
        let none = || Err(ControlError::NoCamera(id.clone()));
        let (controls, values) = set.await.unwrap_or_else(none)?;
        if keep {
            let kept = |kept: &mut ControlValues| kept.extend(values);
            self.modify(id, |definition| kept(&mut definition.options.controls))
                .await?;
        }
        Ok(self.with_kept(id, controls))
    }

    /// Sets every control to what the driver starts with, and keeps none.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn reset_controls(&self, grant: &Grant<Publish>) -> Result<Controls, ControlError> {
        let id = grant.stream();
        let none = || Err(ControlError::NoCamera(id.clone()));
        let reset = self.with_camera(id, |camera| camera.reset()).await;
        let controls = reset.unwrap_or_else(none)?;
        self.modify(id, |definition| definition.options.controls.clear())
            .await?;
        Ok(self.with_kept(id, controls))
    }

    fn with_kept(&self, id: &StreamId, controls: Controls) -> Controls {
        let definition = self.definition(id);
        let kept = definition.map(|definition| definition.options.controls);
        Controls {
            kept: kept.unwrap_or_default(),
            ..controls
        }
    }
}

#[cfg(target_os = "linux")]
mod ask {
    use super::{ControlError, StreamId, Streams};
    use crate::camera::Controlled;

    impl Streams {
        /// Asks the camera of a stream, on a thread that may wait for it; `None` if it has none.
        pub(super) async fn with_camera<T: Send + 'static>(
            &self,
            id: &StreamId,
            ask: impl FnOnce(&Controlled) -> Result<T, ControlError> + Send + 'static,
        ) -> Option<Result<T, ControlError>> {
            let camera = match self.camera(id) {
                Ok(camera) => camera?,
                Err(error) => return Some(Err(error.into())),
            };
            let asked = tokio::task::spawn_blocking(move || ask(&Controlled::open(&camera)?));
            let died = |_| Err(ControlError::Camera("the driver broke down".to_owned()));
            Some(asked.await.unwrap_or_else(died))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod ask {
    use super::{ControlChanges, ControlError, ControlValues, Controls, StreamId, Streams};

    /// Where cameras cannot be read there is none to be set.
    pub(super) enum Controlled {}

    impl Controlled {
        pub(super) fn controls(&self) -> Result<Controls, ControlError> {
            match *self {}
        }
        pub(super) fn set(
            &self,
            _: &ControlChanges,
        ) -> Result<(Controls, ControlValues), ControlError> {
            match *self {}
        }
        pub(super) fn reset(&self) -> Result<Controls, ControlError> {
            match *self {}
        }
    }

    impl Streams {
        pub(super) async fn with_camera<T>(
            &self,
            _: &StreamId,
            _: impl FnOnce(&Controlled) -> Result<T, ControlError>,
        ) -> Option<Result<T, ControlError>> {
            None
        }
    }
}
