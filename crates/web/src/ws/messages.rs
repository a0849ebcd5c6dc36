//! What clients say in text messages, taken apart. Total: any text is a message or gets
//! a [`Refusal`].

use eyeline_hub::{Feedback, Wish};
use eyeline_media::StreamId;
use serde_json::{Map, Value};

use super::limits::{MAX_AGE_MS, MAX_DROPPED, MAX_FPS};
use crate::errors::Error;

/// Why something that was asked for is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// A stable word for programs.
    pub(super) code: &'static str,
    /// A sentence for people.
    pub(super) error: String,
    /// The stream it concerns.
    pub(super) stream_id: Option<StreamId>,
}

impl Refusal {
    pub(super) fn new(code: &'static str, error: impl Into<String>) -> Self {
        Self {
            code,
            error: error.into(),
            stream_id: None,
        }
    }

    pub(super) fn of(self, id: &StreamId) -> Self {
        Self {
            stream_id: Some(id.clone()),
            ..self
        }
    }
}

/// What HTTP would say of it, said in a message.
impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error = error.into();
        let (_, code, _) = error.meaning();
        Self::new(code, error.to_string())
    }
}

/// A message with its members, wherever they stood.
pub(super) struct Message {
    kind: String,
    members: Map<String, Value>,
}

impl Message {
    /// Takes a text apart.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = |why: &str| Refusal::new("malformed", why);
        let parsed: Value = serde_json::from_str(text)
            .map_err(|error| malformed(&format!("the message is not JSON: {error}")))?;
        let Value::Object(mut members) = parsed else {
            return Err(malformed("a message is a JSON object with a \"type\""));
        };
        let Some(Value::String(kind)) = members.remove("type") else {
            return Err(malformed("the message has no \"type\" that is a string"));
        };
        match members.remove("data") {
            None | Some(Value::Null) => Ok(Self { kind, members }),
            Some(Value::Object(members)) => Ok(Self { kind, members }),
            Some(_) => Err(malformed("\"data\" is not an object")),
        }
    }

    /// The type.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    /// A member, unless it is missing or null.
    fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A member that is a text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let text = |value: &'_ Value| value.as_str().is_some();
        match self.get(name) {
            None => Ok(None),
            Some(value) if text(value) => Ok(value.as_str()),
            Some(_) => Err(bad(name, "is not a string")),
        }
    }

    /// The stream it is about, which must be said.
    pub(super) fn stream_id(&self) -> Result<StreamId, Refusal> {
        let id = self.some_stream_id()?;
        id.ok_or_else(|| Refusal::new("bad_parameter", "\"stream_id\" is missing"))
    }

    /// The stream it is about, if it says so.
    pub(super) fn some_stream_id(&self) -> Result<Option<StreamId>, Refusal> {
        let id = self.text("stream_id")?.map(str::parse);
        Ok(id.transpose()?)
    }

    /// What is wished for.
    pub(super) fn wish(&self) -> Result<Wish, Refusal> {
        let mut pairs = Vec::new();
        for name in Wish::NAMES {
            match self.get(name) {
                None => {}
                Some(Value::String(text)) => pairs.push((name, text.clone())),
                Some(Value::Number(number)) => pairs.push((name, shortest(number))),
                Some(_) => return Err(bad(name, "is neither a number nor a string")),
            }
        }
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        Ok(Wish::from_pairs(pairs)?)
    }

    /// What the client reports.
    pub(super) fn feedback(&self) -> Result<Feedback, Refusal> {
        let dropped = match self.get("dropped") {
            None => 0,
            Some(value) => value
                .as_u64()
                .filter(|&dropped| dropped <= MAX_DROPPED)
                .ok_or_else(|| bad("dropped", "is not a whole number up to 1000000"))?,
        };
        Ok(Feedback {
            // The clocks may differ by more than the age.
            age_ms: self
                .number("age_ms", -MAX_AGE_MS, MAX_AGE_MS)?
                .map(|age| age.max(0.0)),
            fps: self.number("fps", 0.0, MAX_FPS)?,
            dropped,
        })
    }

    /// A member as it came.
    pub(super) fn take(&mut self, name: &str) -> Value {
        self.members.remove(name).unwrap_or_default()
    }

    fn number(&self, name: &str, least: f64, most: f64) -> Result<Option<f64>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value.as_f64() {
            Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(bad(
                name,
                &format!("is not a number from {least} to {most}"),
            )),
        }
    }
}

/// What nobody knows.
pub(super) fn unknown_type(kind: &str, known: &str) -> Refusal {
    let kind: String = kind.chars().take(40).collect();
    let error = format!("there is no message type {kind:?} here; there are {known}");
    Refusal::new("unknown_type", error)
}

fn bad(name: &str, why: &str) -> Refusal {
    Refusal::new("bad_parameter", format!("\"{name}\" {why}"))
}

/// JSON has one kind of number: 15.0 is 15.
fn shortest(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `read` makes of a message, or the code of its refusal.
    fn check<T: PartialEq + std::fmt::Debug>(
        text: &str,
        read: impl Fn(&Message) -> Result<T, Refusal>,
        expected: Result<T, &str>,
    ) {
        let got = Message::parse(text).and_then(|message| read(&message));
        if let Err(refusal) = &got {
            assert!(refusal.error.len() > 10, "{refusal:?}");
        }
        assert_eq!(got.map_err(|refusal| refusal.code), expected, "{text}");
    }

    #[test]
    fn a_message_is_a_json_object_with_a_type() {
        let kind = |message: &Message| Ok(message.kind().to_owned());
        check(r#"{"type":"a"}"#, kind, Ok("a".to_owned()));
        check(r#"{"data":{},"type":""}"#, kind, Ok(String::new()));
        for malformed in [
            "",
            "{",
            "nonsense",
            "[]",
            "1",
            "null",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":null}"#,
            r#"{"type":"a"} {}"#,
            r#"{"type":"a","data":[]}"#,
            r#"{"type":"a","data":"b"}"#,
            r#"{"type":"a","x":1e999}"#,
            &"[".repeat(60_000),
            &"{\"type\":".repeat(8_000),
        ] {
            check(malformed, kind, Err("malformed"));
        }
    }

    #[test]
    fn members_stand_under_data_or_beside_the_type() {
        let id = |message: &Message| message.stream_id().map(|id| id.to_string());
        check(
            r#"{"type":"a","data":{"stream_id":"x"}}"#,
            id,
            Ok("x".into()),
        );
        check(r#"{"type":"a","stream_id":"x"}"#, id, Ok("x".into()));
        check(
            r#"{"type":"a","data":null,"stream_id":"x"}"#,
            id,
            Ok("x".into()),
        );
        check(
            r#"{"type":"a","data":{},"stream_id":"x"}"#,
            id,
            Err("bad_parameter"),
        );
        check(r#"{"type":"a"}"#, id, Err("bad_parameter"));
        check(r#"{"type":"a","stream_id":7}"#, id, Err("bad_parameter"));
        check(
            r#"{"type":"a","stream_id":"a b"}"#,
            id,
            Err("bad_stream_id"),
        );
        check(r#"{"type":"a","stream_id":""}"#, id, Err("bad_stream_id"));
    }

    #[test]
    fn a_wish_may_be_of_numbers_or_texts() {
        let check = |members: &str, expected: Result<(&str, Option<u8>, Option<u8>), &str>| {
            let wish = |message: &Message| {
                message.wish().map(|wish| {
                    let quality = wish.quality.map_or("", |quality| quality.name());
                    let jpeg_quality = wish.jpeg_quality.map(eyeline_hub::JpegQuality::get);
                    (quality, wish.fps.map(eyeline_hub::Fps::get), jpeg_quality)
                })
            };
            check(
                &format!(r#"{{"type":"set_quality"{members}}}"#),
                wish,
                expected,
            );
        };
        check("", Ok(("", None, None)));
        check(r#","quality":"low""#, Ok(("low", None, None)));
        check(r#","quality":null,"fps":null"#, Ok(("", None, None)));
        check(
            r#","fps":15,"jpeg_quality":70"#,
            Ok(("", Some(15), Some(70))),
        );
        check(
            r#","fps":"15","jpeg_quality":70.0"#,
            Ok(("", Some(15), Some(70))),
        );
        for wrong in [
            r#","quality":"ultra""#,
            r#","quality":1"#,
            r#","quality":["low"]"#,
            r#","fps":0"#,
            r#","fps":12.5"#,
            r#","fps":-1"#,
            r#","fps":1e300"#,
            r#","fps":true"#,
            r#","jpeg_quality":101"#,
        ] {
            check(wrong, Err("bad_parameter"));
        }
    }

    #[test]
    fn feedback_is_of_numbers_that_can_be() {
        let check = |members: &str, expected: Result<(Option<f64>, Option<f64>, u64), &str>| {
            let feedback = |message: &Message| {
                let feedback = message.feedback()?;
                Ok((feedback.age_ms, feedback.fps, feedback.dropped))
            };
            check(
                &format!(r#"{{"type":"feedback"{members}}}"#),
                feedback,
                expected,
            );
        };
        check("", Ok((None, None, 0)));
        check(
            r#","age_ms":80.5,"fps":25,"dropped":3"#,
            Ok((Some(80.5), Some(25.0), 3)),
        );
        check(r#","age_ms":-12"#, Ok((Some(0.0), None, 0)));
        for wrong in [
            r#","age_ms":1e12"#,
            r#","age_ms":-1e12"#,
            r#","age_ms":"80""#,
            r#","fps":-1"#,
            r#","fps":1e9"#,
            r#","fps":[]"#,
            r#","dropped":-1"#,
            r#","dropped":1.5"#,
            r#","dropped":1e18"#,
            r#","dropped":18446744073709551615"#,
        ] {
            check(wrong, Err("bad_parameter"));
        }
    }
}
