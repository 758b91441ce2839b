//! Finds the configuration, reads it, and says what is wrong with it.

use std::fmt;
use std::fs::File;
use std::io;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize as _;

use super::Config;
use super::check;
use super::environment::Environment;
use super::fault::Fault;
use super::log::Log;
use super::node::Node;
use super::overlay;
use super::reference;
use super::show;
use super::show::Shown;
use super::sink;
use crate::secret::Secret;
use crate::sinks::PASSED_ON;

/// Where a file is looked for when nobody names one.
const PLACES: [&str; 2] = ["./tidings.toml", "/etc/tidings/tidings.toml"];

/// No configuration is larger than this, in bytes.
const FILE_LIMIT: u64 = 1024 * 1024;

/// Why there is no configuration to run with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// It is no TOML.
    #[error("{name}:{line}: this is not TOML: {problem}")]
    Syntax {
        /// The file, or the variable.
        name: String,
        /// Where it breaks off, counting from 1.
        line: usize,
        /// What is wrong, without the line itself: it may hold a secret.
        problem: String,
    },

    /// It is TOML, and not what we need.
    #[error("{}", Lines(.0))]
    Wrong(Vec<Fault>),
}

impl From<Fault> for ConfigError {
    fn from(fault: Fault) -> Self {
        Self::Wrong(vec![fault])
    }
}

/// One fault a line.
struct Lines<'a>(&'a [Fault]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is wrong")?;
        for fault in self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

/// A configuration, and what is known about how it came to be.
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// What was set, with origins.
    nodes: Node,
    environment: Environment,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("config", &self.config)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Loaded {
    /// Reads the configuration: `file` if given, else what the environment names, else the first
    /// of the usual places that exists, else none; and the environment on top.
    pub fn read(file: Option<&Path>, environment: Environment) -> Result<Self, ConfigError> {
        let (name, text, file) = find(file, &environment)?;
        let mut nodes = Node::parse(&text, &name.as_str().into())
            .map_err(|error| syntax(name, &text, &error))?;
        overlay::apply(&mut nodes, &environment)?;
        reference::resolve(&mut nodes, &environment)?;

        let mut config = Config::deserialize(&nodes)?;
        config.sinks = sink::read(&nodes)?;
        config.api_token = api_token(&environment)?;
        config.log = Log::read(&environment)?;
        config.environment = environment.only(&PASSED_ON);
        check::check(&config, &nodes).map_err(ConfigError::Wrong)?;
        Ok(Self {
            config,
            file,
            nodes,
            environment,
        })
    }

    /// Every key in force, its value with secrets masked, and where it came from.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        show::shown(&self.nodes, &self.environment)
    }

    /// What is not wrong and still deserves a sentence: keys that do nothing in this version, and
    /// variables that look misspelt.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let idle = show::without_effect(&self.nodes);
        if !idle.is_empty() {
            remarks.push(format!(
                "has no effect yet in this version: {}",
                idle.join(", ")
            ));
        }
        for (name, near) in self.environment.unknown() {
            remarks.push(match near {
                Some(near) => format!("{name} is no variable of ours: did you mean {near}?"),
                None => format!("{name} is no variable of ours"),
            });
        }
        remarks
    }
}

fn syntax(name: String, text: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.bytes().take(offset);
    ConfigError::Syntax {
        name,
        line: before.filter(|byte| *byte == b'\n').count() + 1,
        problem: error.message().to_owned(),
    }
}

/// The text to read, what to call it, and the file it came from.
fn find(
    file: Option<&Path>,
    environment: &Environment,
) -> Result<(String, String, Option<PathBuf>), ConfigError> {
    if let Some(path) = file {
        return read_file(path);
    }
    let named = environment.get("TIDINGS_CONFIG")?;
    let whole = environment.get("TIDINGS_CONFIG_TOML")?;
    match (named, whole) {
        (Some(_), Some(_)) => Err(Fault::other(
            "both TIDINGS_CONFIG and TIDINGS_CONFIG_TOML are set: keep one",
        )
        .into()),
        (Some((path, _)), None) => read_file(Path::new(&path)),
        (None, Some((text, _))) => Ok(("TIDINGS_CONFIG_TOML".to_owned(), text, None)),
        (None, None) => PLACES
            .into_iter()
            .map(Path::new)
            .find(|path| path.exists())
            .map_or_else(|| Ok((String::new(), String::new(), None)), read_file),
    }
}

fn read_file(path: &Path) -> Result<(String, String, Option<PathBuf>), ConfigError> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(FILE_LIMIT).read_to_string(&mut text))
        .map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    Ok((path.display().to_string(), text, Some(path.to_owned())))
}

fn api_token(environment: &Environment) -> Result<Option<Secret>, Fault> {
    Ok(environment
        .get("TIDINGS_API_TOKEN")?
        .map(|(text, _)| text.into()))
}
