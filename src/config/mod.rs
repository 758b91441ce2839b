//! What the operator decides: a TOML file, and the environment on top of it.
//!
//! A configuration is read into nodes that know where they came from, references to files
//! and the environment are resolved on them, and only then are typed sections made of them. So a
//! mistake is told with its key and its line, and `config show` knows every value's origin.
//!
//! To add a key: its field with a default and a sentence here, and its line in
//! `config.example.toml`, which a test holds equal to the defaults.

use std::collections::BTreeMap;

use serde::Deserialize;

mod capture;
mod check;
mod cloud;
mod endpoint;
mod environment;
mod example;
mod fault;

mod filter;
mod load;
mod log;
mod node;
mod origin;
mod overlay;
mod read;
mod reference;
mod server;
mod show;
mod sink;
mod slots;
mod store;
mod strangers;

pub use self::capture::Capture;
pub use self::cloud::Cloud;
pub use self::cloud::Mode;
pub use self::cloud::Reconcile;
pub use self::cloud::Retention;
pub use self::cloud::Watch;
pub use self::endpoint::Endpoint;
pub use self::environment::Environment;
pub use self::environment::VARIABLES;
pub use self::example::EXAMPLE;
pub use self::fault::Fault;
pub use self::load::ConfigError;
pub use self::load::Loaded;
pub use self::log::Log;
pub use self::origin::Origin;
pub use self::server::Server;
pub use self::show::Shown;
pub use self::sink::Enrich;
pub use self::sink::Ordering;
pub use self::sink::Sink;
pub use self::store::Store;

use crate::secret::Secret;

/// Everything that can be decided.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where events come from.
    pub mode: Mode,

    /// Where we listen, and what a request may cost.
    pub server: Server,

    /// Where events are kept.
    pub store: Store,

    /// The paths that receive.
    #[serde(rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,

    /// The vendor's API.
    pub cloud: Cloud,

    /// The search for ends that no webhook told of.
    pub reconcile: Reconcile,

    /// What becomes an event because it is so for too long.
    pub watch: Watch,

    /// The files of ended tasks that are kept.
    pub capture: Capture,

    /// How long things are kept.
    pub retention: Retention,

    /// Where events go.
    #[serde(rename = "sink", deserialize_with = "sink::later")]
    pub sinks: Vec<Sink>,

    /// An administrator's token. Only the environment gives it.
    #[serde(skip)]
    pub api_token: Option<Secret>,

    /// What is logged, and how. Only the environment says it.
    #[serde(skip)]
    pub log: Log,

    /// What programs that sinks run are given of the environment.
    #[serde(skip)]
    pub environment: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            server: Server::default(),
            store: Store::default(),
            endpoints: vec![Endpoint::default()],
            cloud: Cloud::default(),
            reconcile: Reconcile::default(),
            watch: Watch::default(),
            capture: Capture::default(),
            retention: Retention::default(),
            sinks: Vec::new(),
            api_token: None,
            log: Log::default(),
            environment: BTreeMap::new(),
        }
    }
}
