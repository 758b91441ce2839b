//! Which chat a bot writes to.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::Error;
use serde::de::Visitor;

/// Which chat a bot writes to: by its number, or a public one by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ChatId {
    /// The number of a person, or of a group or a channel; those of the latter are negative.
    Number(i64),
    /// The name of a public group or channel, like `@name`.
    Name(String),
}

impl<'de> Deserialize<'de> for ChatId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrName)
    }
}

struct NumberOrName;

impl Visitor<'_> for NumberOrName {
    type Value = ChatId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of a chat, like -1001234567890, or its name, like \"@name\"")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<ChatId, E> {
        Ok(ChatId::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<ChatId, E> {
        i64::try_from(number)
            .map(ChatId::Number)
            .map_err(|_too_large| E::custom("no chat has a number as large as this"))
    }

    /// A number may come as a text: from the environment, it always does.
    fn visit_str<E: Error>(self, text: &str) -> Result<ChatId, E> {
        if let Ok(number) = text.trim().parse() {
            return Ok(ChatId::Number(number));
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match text.strip_prefix('@') {
            Some(name) if !name.is_empty() && name.chars().all(is_part) => {
                Ok(ChatId::Name(text.to_owned()))
            }
            _ => Err(E::custom(format!(
                "\"{text}\" is no chat: write its number, like -1001234567890, or the name of a \
                 public one, like \"@name\""
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn read(written: Value) -> Result<Value, String> {
        let chat: Result<ChatId, _> = serde_json::from_value(written);
        let chat = chat.map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(chat).unwrap())
    }

    #[test]
    fn a_chat_has_a_number_or_a_name() {
        for (written, expected) in [
            (json!(-1_001_234_567_890_i64), json!(-1_001_234_567_890_i64)),
            (json!(42), json!(42)),
            (json!("-100123\n"), json!(-100_123)),
            (json!("@ops_channel"), json!("@ops_channel")),
        ] {
            assert_eq!(read(written), Ok(expected));
        }
        for wrong in [
            json!("ops"),
            json!("@"),
            json!("@a b"),
            json!(""),
            json!(u64::MAX),
            json!(1.5),
        ] {
            read(wrong).unwrap_err();
        }
    }
}
