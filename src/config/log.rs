//! `TIDINGS_LOG` and `TIDINGS_LOG_FORMAT`: what is logged, and how.

use super::environment::Environment;
use super::fault::Fault;
use crate::telemetry::Format;

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A filter as `tracing-subscriber` reads it: `info`, or `warn,tidings=debug`.
    pub filter: String,
    /// How a line looks.
    pub format: Format,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: Format::default(),
        }
    }
}

impl Log {
    /// Reads the two variables.
    pub(super) fn read(environment: &Environment) -> Result<Self, Fault> {
        let mut log = Self::default();
        if let Some((filter, _)) = environment.get("TIDINGS_LOG")? {
            log.filter = filter;
        }
        if let Some((format, _)) = environment.get("TIDINGS_LOG_FORMAT")? {
            log.format = match format.as_str() {
                "text" => Format::Text,
                "json" => Format::Json,
                _ => {
                    return Err(Fault::other(
                        "TIDINGS_LOG_FORMAT is neither `text` nor `json`",
                    ));
                }
            };
        }
        Ok(log)
    }
}
