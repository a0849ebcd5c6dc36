//! Making, changing and ending streams on behalf of visitors: checked, brought about,
//! kept. One at a time, so that what is kept is what runs.

use eyeline_auth::Access;
use eyeline_media::StreamId;
use eyeline_source::{ControlChanges, Controls, Definition, Origin, machine_sources};
use eyeline_store::{Store, StoreError};

use super::controls;
use super::definition::{Change, Settings};
use super::streams::New;
use crate::app::{App, Server};
use crate::errors::Error;

/// A stream that was made.
pub(crate) struct Made {
    pub(crate) id: StreamId,
    /// What was done, in a sentence.
    pub(crate) message: String,
}

/// Makes a stream.
pub(crate) async fn create(server: &Server, access: &Access, new: New) -> Result<Made, Error> {
    let _one_at_a_time = server.managing.lock().await;
    if new.audio == Some(true) {
        return Err(Error::NotAvailable("audio", "sound is not carried yet"));
    }
    if new.record == Some(true) {
        return Err(Error::NotAvailable("record", "nothing is recorded yet"));
    }
    let (source, note) = source(&new)?;
    let settings = Settings {
        source,
        name: new.name,
        quality: new.quality,
        fps: new.fps,
        size: new.size,
        jpeg_quality: new.jpeg_quality,
        on_demand: new.on_demand,
    };
    let definition = define(server, &settings)?;
    let id = match new.id {
        Some(id) => id.parse()?,
        None => free_name(server, &definition)?,
    };
    start(server, access, &id, definition).await?;
    let message = format!("{id} was made{note}");
    Ok(Made { id, message })
}

/// Makes a stream of this name, or gives the one there is this definition; `None` then.
pub(crate) async fn put(
    server: &Server,
    access: &Access,
    id: &StreamId,
    settings: &Settings,
) -> Result<Option<Made>, Error> {
    let _one_at_a_time = server.managing.lock().await;
    let mut definition = define(server, settings)?;
    if let Some(old) = server.app.streams.definition(id) {
        definition.options.controls = old.options.controls;
        replace(server, access, id, definition).await?;
        return Ok(None);
    }
    start(server, access, id, definition).await?;
    let message = format!("{id} was made");
    let id = id.clone();
    Ok(Some(Made { id, message }))
}

/// Changes a running stream.
pub(crate) async fn change(
    server: &Server,
    access: &Access,
    id: &StreamId,
    change: Change,
) -> Result<(), Error> {
    let _one_at_a_time = server.managing.lock().await;
    let definition = definition(server, access, id)?;
    let new_source = change.source.is_some();
    let mut definition = change.apply(definition)?;
    if new_source {
        check(server, &definition)?;
        definition.options.reach = server.app.allow.reach();
    }
    replace(server, access, id, definition).await
}

/// Sets controls of a stream's camera.
pub(crate) async fn set_controls(
    server: &Server,
    access: &Access,
    id: &StreamId,
    changes: ControlChanges,
    keep: bool,
) -> Result<Controls, Error> {
    let _one_at_a_time = server.managing.lock().await;
    definition(server, access, id)?;
    let (streams, grant) = (&server.app.streams, access.publish(id));
    let set = streams.set_controls(&grant, changes, keep).await?;
    if keep {
        keep_controls(server, id, &set).await?;
    }
    Ok(set)
}

/// Sets the controls of a stream's camera to their defaults, and keeps none.
pub(crate) async fn reset_controls(
    server: &Server,
    access: &Access,
    id: &StreamId,
) -> Result<Controls, Error> {
    let _one_at_a_time = server.managing.lock().await;
    definition(server, access, id)?;
    let grant = access.publish(id);
    let reset = server.app.streams.reset_controls(&grant).await?;
    keep_controls(server, id, &reset).await?;
    Ok(reset)
}

async fn keep_controls(server: &Server, id: &StreamId, set: &Controls) -> Result<(), Error> {
    let (id, text) = (id.clone(), controls::text(&set.kept)?);
    keep(&server.app, move |store| store.put_controls(&id, &text)).await
}

/// Ends a stream and forgets it; whose it was.
pub(crate) async fn delete(
    server: &Server,
    access: &Access,
    id: &StreamId,
) -> Result<Origin, Error> {
    let _one_at_a_time = server.managing.lock().await;
    let origin = definition(server, access, id)?.origin;
    let forgotten = id.clone();
    keep(&server.app, move |store| {
        store.remove(&forgotten).map(|_| ())
    })
    .await?;
    server.app.streams.stop(&access.publish(id)).await;
    Ok(origin)
}

/// Makes the streams that were made over the API in earlier runs. What cannot be made any
/// more stays kept, and is logged.
///
/// `access` is the operator's.
pub fn restore(app: &App, access: &Access) {
    let Some(store) = &app.store else { return };
    let kept = match store.all() {
        Ok(kept) => kept,
        Err(error) => {
            tracing::error!(%error, "the streams made over the API cannot be read");
            return;
        }
    };
    for (id, text) in kept {
        if let Err(error) = restore_one(app, access, &id, &text) {
            tracing::error!(stream = %id, %error, "a stream made over the API cannot be made again");
        }
    }
}

fn restore_one(app: &App, access: &Access, id: &StreamId, text: &str) -> Result<(), Error> {
    let settings: Settings =
        serde_json::from_str(text).map_err(|error| Error::Malformed(error.to_string()))?;
    let mut definition = settings.define(app.hub.clock(), Origin::Api)?;
    for spec in &definition.specs {
        app.allow.check(spec)?;
    }
    definition.options.reach = app.allow.reach();
    definition.options.controls = controls::kept_controls(app.store.as_ref(), id);
    Ok(app.streams.start(&access.publish(id), definition)?)
}

fn define(server: &Server, settings: &Settings) -> Result<Definition, Error> {
    let mut definition = settings.define(server.app.hub.clock(), Origin::Api)?;
    check(server, &definition)?;
    definition.options.reach = server.app.allow.reach();
    Ok(definition)
}

fn check(server: &Server, definition: &Definition) -> Result<(), Error> {
    for spec in &definition.specs {
        server.app.allow.check(spec)?;
    }
    Ok(())
}

/// The definition of a stream that is there.
pub(super) fn definition(
    server: &Server,
    access: &Access,
    id: &StreamId,
) -> Result<Definition, Error> {
    let found = server.app.streams.definition(id);
    // Asked for its error: the hub knows the sentence.
    found.ok_or_else(|| match server.app.hub.watch(&access.view(id)) {
        Ok(_) => Error::NotManaged(id.clone()),
        Err(unknown) => unknown.into(),
    })
}

async fn start(
    server: &Server,
    access: &Access,
    id: &StreamId,
    definition: Definition,
) -> Result<(), Error> {
    let (kept, text) = (id.clone(), text(&definition)?);
    server.app.streams.start(&access.publish(id), definition)?;
    let put = keep(&server.app, move |store| store.put(&kept, &text)).await;
    if put.is_err() {
        server.app.streams.stop(&access.publish(id)).await;
    }
    put
}

async fn replace(
    server: &Server,
    access: &Access,
    id: &StreamId,
    definition: Definition,
) -> Result<(), Error> {
    let (kept, origin) = (id.clone(), definition.origin);
    let text = text(&definition)?;
    server
        .app
        .streams
        .change(&access.publish(id), definition)
        .await?;
    if origin != Origin::Api {
        return Ok(());
    }
    keep(&server.app, move |store| store.put(&kept, &text)).await
}

fn text(definition: &Definition) -> Result<String, Error> {
    serde_json::to_string(&Settings::of(definition))
        .map_err(|error| Error::Malformed(error.to_string()))
}

/// Asks the store, on a thread that may wait for the disk.
async fn keep(
    app: &App,
    ask: impl FnOnce(&Store) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), Error> {
    let Some(store) = app.store.clone() else {
        return Ok(());
    };
    let asked = tokio::task::spawn_blocking(move || ask(&store)).await;
    Ok(asked.map_err(|_| Error::NotAsked)??)
}

/// The source that is meant, and what is to be said about the choice.
fn source(new: &New) -> Result<(String, &'static str), Error> {
    match (&new.source, new.camera_index) {
        (Some(_), Some(_)) => Err(Error::Impossible(
            "camera_index",
            "say either a source or a camera".to_owned(),
        )),
        (Some(source), None) => Ok((source.clone(), "")),
        (None, asked) => {
            let cameras = machine_sources().into_iter();
            let mut cameras = cameras.filter(|source| source.kind == "camera");
            match (cameras.nth(asked.unwrap_or_default() as usize), asked) {
                (Some(camera), _) => Ok((camera.source, "")),
                (None, Some(index)) => Err(Error::NoCamera(index)),
                (None, None) => Ok((
                    "test:".to_owned(),
                    "; this machine has no camera, so it is the test pattern",
                )),
            }
        }
    }
}

/// A name that no stream has: that of the source's kind, with a number if need be.
fn free_name(server: &Server, definition: &Definition) -> Result<StreamId, Error> {
    let kind = definition.specs.first().map(|spec| spec.input().schemes);
    let kind = kind
        .and_then(|schemes| schemes.first())
        .unwrap_or(&"stream");
    let taken: Vec<_> = server
        .app
        .hub
        .stats()
        .into_iter()
        .map(|stats| stats.id)
        .collect();
    for number in 1_u32.. {
        let name = match number {
            1 => (*kind).to_owned(),
            _ => format!("{kind}-{number}"),
        };
        let id: StreamId = name.parse()?;
        if !taken.contains(&id) {
            return Ok(id);
        }
    }
    Err(Error::NotAsked)
}
