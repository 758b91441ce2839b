//! Strings that must not be printed.

use std::fmt;

use secrecy::ExposeSecret as _;
use secrecy::SecretString;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;

/// A string that shows itself as `[secret]` and is wiped when dropped.
///
/// It has no `Display` and no `Serialize`, so that it cannot reach a log, a row or an answer by
/// accident; whoever needs the text says [`Secret::expose`].
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself. Use it where it is needed and keep no copy.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether a blank, a line break or a quote stands around it: the commonest reason why no
    /// signature matches is one that came along when somebody pasted.
    #[must_use]
    pub fn is_pasted_badly(&self) -> bool {
        let text = self.expose();
        text.trim() != text || text.starts_with(['"', '\'']) || text.ends_with(['"', '\''])
    }

    /// Whether there is nothing in it, as when an environment variable is set to nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A webhook secret with the name it bears in the configuration.
#[derive(Clone, Debug)]
pub struct NamedSecret {
    /// The name in the configuration; `#1`, `#2`, … by position where it has none.
    pub name: Box<str>,
    /// The secret: its UTF-8 bytes are the HMAC key, as they stand.
    pub secret: Secret,
}

/// Reads a list of secrets from the configuration, each a string or `{ name, value }`.
///
/// Where a value comes from a file or the environment, `config` has put it in place before.
pub fn named_list<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<NamedSecret>, D::Error> {
    let written = Vec::<Written>::deserialize(deserializer)?;
    Ok(written
        .into_iter()
        .enumerate()
        .map(|(index, written)| NamedSecret {
            name: written
                .name
                .unwrap_or_else(|| format!("#{}", index + 1).into()),
            secret: written.value,
        })
        .collect())
}

/// A secret as somebody writes it down.
struct Written {
    name: Option<Box<str>>,
    value: Secret,
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl<'de> Visitor<'de> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret, or a table with `name` and `value`")
    }

    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written {
            name: None,
            value: text.into(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            name: Option<Box<str>>,
            value: Secret,
        }

        let Table { name, value } = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Written { name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_without_a_name_is_called_by_its_place() {
        #[derive(Deserialize)]
        struct Holder {
            #[serde(deserialize_with = "named_list")]
            secrets: Vec<NamedSecret>,
        }

        let text = r#"secrets = ["a", { name = "2026-11", value = "b" }, "c"]"#;
        let secrets = toml::from_str::<Holder>(text).unwrap().secrets;

        let names: Vec<&str> = secrets.iter().map(|secret| &*secret.name).collect();
        assert_eq!(names, ["#1", "2026-11", "#3"]);
        assert_eq!(secrets[1].secret.expose(), "b");
        assert_eq!(format!("{:?}", secrets[0].secret), "[secret]");
    }
}
