//! `EYELINE_…` variables: the key's path in capitals, joined by underscores, such as
//! `EYELINE_LIMITS_CONNECTIONS` or `EYELINE_STREAMS_FRONT_SOURCE`. A value is read as
//! TOML where it is a number, a truth value or a list, and as text otherwise.

use toml::{Table, Value};

use super::diagnose::nearest;

/// Keys outside the streams, as they stand in the file.
const KEYS: &[&str] = &[
    "listen",
    "open",
    "state_dir",
    "socket_threads",
    "auto",
    "auth.token",
    "auth.hosts",
    "auth.origins",
    "api.allow",
    "limits.connections",
    "limits.streams",
    "limits.viewers_per_stream",
    "limits.renditions_per_stream",
    "encoder.command",
    "encoder.format",
    "log.level",
    "log.format",
    "rtmp.listen",
    "rtsp.listen",
    "rtsp.tls_listen",
    "rtsp.certificate",
    "rtsp.key",
    "rtsp.udp_port",
];

/// Keys of one stream.
const STREAM_KEYS: &[&str] = &[
    "source",
    "name",
    "on_demand",
    // Before `quality`, which it ends with.
    "jpeg_quality",
    "quality",
    "fps",
    "size",
    "silence_timeout_s",
    "tcp",
    "tcp_open",
];

/// Variables that the command line reads by itself.
const NOT_KEYS: &[&str] = &["EYELINE_CONFIG", "EYELINE_PUSH_TOKEN"];

/// Whether this variable is meant for the configuration.
pub(crate) fn concerns(variable: &str) -> bool {
    variable.starts_with("EYELINE_") && !NOT_KEYS.contains(&variable)
}

/// A table that holds this one variable's value under its key.
pub(crate) fn table(variable: &str, value: &str) -> Result<Table, String> {
    let path = path(variable).ok_or_else(|| unknown(variable))?;
    let text_only = path.last().is_some_and(|key| {
        matches!(
            key.as_str(),
            "token" | "source" | "name" | "state_dir" | "certificate" | "key" | "command"
        )
    });
    let mut value = if text_only {
        Value::String(value.to_owned())
    } else {
        read(value)
    };
    for key in path.into_iter().rev() {
        value = Value::Table(Table::from_iter([(key, value)]));
    }
    match value {
        Value::Table(table) => Ok(table),
        _ => Err(unknown(variable)),
    }
}

fn variable_of(key: &str) -> String {
    format!("EYELINE_{}", key.replace('.', "_").to_uppercase())
}

fn path(variable: &str) -> Option<Vec<String>> {
    if let Some(key) = KEYS.iter().find(|key| variable_of(key) == variable) {
        return Some(key.split('.').map(str::to_owned).collect());
    }
    let rest = variable.strip_prefix("EYELINE_STREAMS_")?.to_lowercase();
    let (name, key) = STREAM_KEYS.iter().find_map(|key| {
        let name = rest.strip_suffix(key)?.strip_suffix('_')?;
        (!name.is_empty()).then(|| (name.to_owned(), (*key).to_owned()))
    })?;
    Some(vec!["streams".to_owned(), name, key])
}

fn unknown(variable: &str) -> String {
    let known: Vec<String> = KEYS.iter().map(|key| variable_of(key)).collect();
    let meant = nearest(variable, known.iter().map(String::as_str));
    let hint = meant.map_or_else(
        || "keys are named as in the configuration file".to_owned(),
        |meant| format!("did you mean {meant}?"),
    );
    format!("{variable}: unknown variable; {hint}")
}

fn read(text: &str) -> Value {
    let parsed = format!("value = {text}").parse::<Table>().ok();
    parsed
        .and_then(|mut table| table.remove("value"))
        .filter(|value| !matches!(value, Value::Datetime(_) | Value::Table(_)))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Lays `over` on `base`, table by table.
pub(crate) fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
