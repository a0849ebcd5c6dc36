//! Every camera of this machine as a stream, also those that are plugged in later.
//!
//! A stream stays when its camera is unplugged, and goes on when that is back, on whatever
//! device. The cameras are open only while somebody looks: other programs may want them.

use std::collections::HashMap;

use eyeline_auth::Access;
use eyeline_clock::SharedClock;
use eyeline_media::StreamId;
use eyeline_source::{MachineCamera, Options, Spec, Streams, camera_changes, machine_cameras};
use eyeline_store::Store;

use crate::plan::{configured, free_name};

/// The cameras that are streams.
pub(crate) struct Auto {
    streams: Streams,
    store: Option<Store>,
    clock: SharedClock,
    /// By name and place, which stay when a camera is unplugged.
    known: HashMap<(String, String), Known>,
}

struct Known {
    id: StreamId,
    source: String,
}

impl Auto {
    pub(crate) fn new(streams: Streams, store: Option<Store>, clock: SharedClock) -> Self {
        Self {
            streams,
            store,
            clock,
            known: HashMap::new(),
        }
    }

    /// Makes streams of the cameras that are new; which, with their sources.
    pub(crate) async fn look(&mut self) -> Vec<(StreamId, String)> {
        // Drivers may take their time.
        let found = tokio::task::spawn_blocking(machine_cameras).await;
        let mut made = Vec::new();
        for camera in found.unwrap_or_default() {
            if !camera.shown {
                continue;
            }
            match self.take(&camera).await {
                Ok(new) => made.extend(new),
                Err(error) => {
                    tracing::warn!(camera = camera.device, %error, "no stream can be made of it");
                }
            }
        }
        made
    }

    /// Looks again whenever cameras may have come. Never ends.
    pub(crate) async fn follow(mut self) {
        let mut changes = camera_changes();
        while changes.changed().await.is_ok() {
            for (stream, source) in self.look().await {
                tracing::info!(%stream, source, "a camera was plugged in");
            }
        }
    }

    /// A camera that was found: its stream, if that is new.
    async fn take(&mut self, camera: &MachineCamera) -> anyhow::Result<Option<(StreamId, String)>> {
        let key = (camera.name.clone(), camera.bus.clone());
        let source = format!("v4l2:{}", camera.lasting);
        let access = Access::by_configuration();
        if let Some(known) = self.known.get_mut(&key) {
            if known.source != source
                && let Some(mut definition) = self.streams.definition(&known.id)
            {
                definition.specs = vec![Spec::parse(&source)?];
                let grant = access.publish(&known.id);
                self.streams.change(&grant, definition).await?;
            }
            known.source = source;
            return Ok(None);
        }
        if self.is_used(camera) {
            return Ok(None);
        }
        let taken = self.streams.ids();
        let id = free_name(&base_name(&camera.name), |name| {
            taken.iter().any(|id| id.as_str() == name)
        })?;
        let mut options = Options::new(self.clock.clone());
        options.on_demand = Some(true);
        options.controls = eyeline_web::kept_controls(self.store.as_ref(), &id);
        let mut definition = configured(vec![Spec::parse(&source)?], options);
        definition.name = Some(camera.name.clone());
        self.streams.start(&access.publish(&id), definition)?;
        let known = Known {
            id: id.clone(),
            source: source.clone(),
        };
        self.known.insert(key, known);
        Ok(Some((id, source)))
    }

    /// Whether a stream has this camera already.
    fn is_used(&self, camera: &MachineCamera) -> bool {
        let number = camera.device.strip_prefix("/dev/video").unwrap_or_default();
        let names = [camera.device.as_str(), camera.lasting.as_str(), number];
        let is_it = |spec: &Spec| {
            let text = spec.text().strip_prefix("v4l2:");
            let device = text.map(|text| text.split('?').next().unwrap_or_default());
            device.is_some_and(|device| names.contains(&device))
        };
        let ids = self.streams.ids().into_iter();
        ids.filter_map(|id| self.streams.definition(&id))
            .any(|definition| definition.specs.iter().any(is_it))
    }
}

/// `HD Pro Webcam C920` is `hd-pro-webcam-c920`.
fn base_name(camera: &str) -> String {
    /// Leaves room for a number.
    const LONGEST: usize = 40;
    // Drivers say some names twice, with a colon between.
    let name = camera.split(':').next().unwrap_or_default().to_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").chars().take(LONGEST).collect();
    match name.trim_end_matches('-') {
        "" => "camera".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_like_their_cameras() {
        let check = |camera: &str, expected: &str| assert_eq!(base_name(camera), expected);
        check("HD Pro Webcam C920", "hd-pro-webcam-c920");
        check("Integrated Camera: Integrated C", "integrated-camera");
        check("vivid", "vivid");
        check("  (), ", "camera");
        check(&"x ".repeat(40), "x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x-x");
    }
}
