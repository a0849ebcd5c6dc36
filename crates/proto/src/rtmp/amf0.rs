//! Values as commands and metadata carry them (Adobe, *Action Message Format AMF 0*).

use super::error::Error;
use super::limits::{MAX_DEPTH, MAX_VALUES};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A text.
    String(String),
    /// Names and values.
    Object(Vec<(String, Value)>),
    /// Names and values of what is called an array; it is written as one, too.
    Map(Vec<(String, Value)>),
    /// Values in order.
    Array(Vec<Value>),
    /// Nothing; also what cannot be said otherwise.
    Null,
}

mod marker {
    pub(super) const NUMBER: u8 = 0;
    pub(super) const BOOLEAN: u8 = 1;
    pub(super) const STRING: u8 = 2;
    pub(super) const OBJECT: u8 = 3;
    pub(super) const NULL: u8 = 5;
    pub(super) const UNDEFINED: u8 = 6;
    pub(super) const REFERENCE: u8 = 7;
    pub(super) const MAP: u8 = 8;
    pub(super) const END: u8 = 9;
    pub(super) const ARRAY: u8 = 10;
    pub(super) const DATE: u8 = 11;
    pub(super) const LONG_STRING: u8 = 12;
    pub(super) const UNSUPPORTED: u8 = 13;
    pub(super) const XML: u8 = 15;
    pub(super) const TYPED_OBJECT: u8 = 16;
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::String(text.to_owned())
    }

    /// An object.
    #[must_use]
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        let owned = members.map(|(name, value)| (name.to_owned(), value));
        Self::Object(owned.into())
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The member of that name, of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) | Self::Map(members) => {
                members.iter().find(|(n, _)| n == name).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// All values that follow one another.
    ///
    /// # Errors
    /// [`Error::Command`]: what is wrong.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        let mut input = Input {
            rest: bytes,
            values: 0,
        };
        let mut values = Vec::new();
        while !input.rest.is_empty() {
            values.push(input.value(0)?);
        }
        Ok(values)
    }

    /// Writes it behind what is in `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => {
                out.push(marker::NUMBER);
                out.extend_from_slice(&number.to_be_bytes());
            }
            Self::Boolean(yes) => out.extend_from_slice(&[marker::BOOLEAN, u8::from(*yes)]),
            Self::String(text) if text.len() > usize::from(u16::MAX) => {
                out.push(marker::LONG_STRING);
                out.extend_from_slice(&(text.len() as u32).to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }
            Self::String(text) => {
                out.push(marker::STRING);
                put_name(out, text);
            }
            Self::Object(members) => {
                out.push(marker::OBJECT);
                put_members(out, members);
            }
            Self::Map(members) => {
                out.push(marker::MAP);
                out.extend_from_slice(&(members.len() as u32).to_be_bytes());
                put_members(out, members);
            }
            Self::Array(values) => {
                out.push(marker::ARRAY);
                out.extend_from_slice(&(values.len() as u32).to_be_bytes());
                values.iter().for_each(|value| value.write(out));
            }
            Self::Null => out.push(marker::NULL),
        }
    }
}

fn put_members(out: &mut Vec<u8>, members: &[(String, Value)]) {
    for (name, value) in members {
        put_name(out, name);
        value.write(out);
    }
    out.extend_from_slice(&[0, 0, marker::END]);
}

/// A text behind its length in two bytes; what is longer than they can say is cut.
fn put_name(out: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&text.as_bytes()[..length.into()]);
}

struct Input<'a> {
    rest: &'a [u8],
    values: usize,
}

const CUT: Error = Error::Command("it is cut short");

impl<'a> Input<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Error::Command("it has too many values"));
        }
        if depth > MAX_DEPTH {
            return Err(Error::Command("its values lie too deep in each other"));
        }
        let [kind] = self.array()?;
        Ok(match kind {
            marker::NUMBER => Value::Number(f64::from_be_bytes(self.array()?)),
            marker::BOOLEAN => Value::Boolean(self.array::<1>()? != [0]),
            marker::STRING => Value::String(self.name()?),
            marker::LONG_STRING | marker::XML => {
                let length = u32::from_be_bytes(self.array()?);
                Value::String(text(self.bytes(length as usize)?))
            }
            marker::OBJECT => Value::Object(self.members(depth)?),
            marker::TYPED_OBJECT => {
                self.name()?;
                Value::Object(self.members(depth)?)
            }
            marker::MAP => {
                // How many there are is often said wrongly; the end is marked.
                self.array::<4>()?;
                Value::Map(self.members(depth)?)
            }
            marker::ARRAY => {
                let count = u32::from_be_bytes(self.array()?);
                let values = (0..count).map(|_| self.value(depth + 1));
                Value::Array(values.collect::<Result<_, _>>()?)
            }
            marker::DATE => {
                let millis = f64::from_be_bytes(self.array()?);
                self.array::<2>()?;
                Value::Number(millis)
            }
            marker::REFERENCE => {
                self.array::<2>()?;
                Value::Null
            }
            marker::NULL | marker::UNDEFINED | marker::UNSUPPORTED => Value::Null,
            _ => return Err(Error::Command("it has a value of an unknown type")),
        })
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(String, Value)>, Error> {
        let mut members = Vec::new();
        // Some senders leave out the end where it is that of the message.
        while !self.rest.is_empty() {
            if let Some(rest) = self.rest.strip_prefix(&[0, 0, marker::END]) {
                self.rest = rest;
                break;
            }
            let name = self.name()?;
            members.push((name, self.value(depth + 1)?));
        }
        Ok(members)
    }

    fn name(&mut self) -> Result<String, Error> {
        let length = u16::from_be_bytes(self.array()?);
        Ok(text(self.bytes(length.into())?))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(CUT)?;
        self.rest = rest;
        Ok(*array)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(CUT)?;
        self.rest = rest;
        Ok(bytes)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
