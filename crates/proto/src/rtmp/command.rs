//! Commands, and what is answered to them (RTMP 1.0, 7.2).

use super::amf0::Value;
use super::error::Error;
use super::limits::MAX_COMMAND_BYTES;
use super::message::{Kind, Message};

/// A command, or the answer to one.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Its name, such as `connect`; of answers `_result`, `_error` or `onStatus`.
    pub name: String,
    /// By which number its answer refers to it; 0 if none is wanted.
    pub transaction: f64,
    /// What follows: first the object, often nothing, then the arguments.
    pub arguments: Vec<Value>,
}

impl Command {
    /// A command with the object and the arguments.
    #[must_use]
    pub fn new(name: &str, transaction: f64, arguments: Vec<Value>) -> Self {
        Self {
            name: name.to_owned(),
            transaction,
            arguments,
        }
    }

    /// `onStatus`: how things stand.
    #[must_use]
    pub(super) fn status(level: &str, code: &str, description: &str) -> Self {
        let said = Value::object([
            ("level", Value::text(level)),
            ("code", Value::text(code)),
            ("description", Value::text(description)),
        ]);
        Self::new("onStatus", 0.0, vec![Value::Null, said])
    }

    /// The command in a message of kind [`COMMAND`](Kind::COMMAND) or
    /// [`COMMAND_AMF3`](Kind::COMMAND_AMF3).
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn read(message: &Message) -> Result<Self, Error> {
        let mut values = read_values(message)?.into_iter();
        let name = match values.next() {
            Some(Value::String(name)) => name,
            _ => return Err(Error::Command("it has no name")),
        };
        let transaction = values.next().and_then(|value| value.as_number());
        Ok(Self {
            name,
            transaction: transaction.unwrap_or_default(),
            arguments: values.collect(),
        })
    }

    /// The bytes of its message.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        Value::String(self.name.clone()).write(&mut out);
        Value::Number(self.transaction).write(&mut out);
        self.arguments
            .iter()
            .for_each(|value| value.write(&mut out));
        out
    }

    /// The object that stands before the arguments.
    #[must_use]
    pub fn object(&self) -> &Value {
        self.arguments.first().unwrap_or(&Value::Null)
    }

    /// The argument of that number, from 0 on.
    #[must_use]
    pub fn argument(&self, number: usize) -> &Value {
        self.arguments.get(number + 1).unwrap_or(&Value::Null)
    }
}

/// The values of a command or of metadata. In AMF3 they stand behind a zero, in AMF0.
pub(super) fn read_values(message: &Message) -> Result<Vec<Value>, Error> {
    if message.payload.len() > MAX_COMMAND_BYTES {
        return Err(Error::Command("it is too long"));
    }
    let bytes = match (message.kind, message.payload.split_first()) {
        (Kind::COMMAND_AMF3 | Kind::DATA_AMF3, Some((0, rest))) => rest,
        _ => &message.payload[..],
    };
    Value::read_all(bytes)
}
