//! Browser Use's own API: what its webhooks do not tell, and what tasks can be told to do.
//!
//! One [`Client`] holds the project's key. Each version of the API has a file or a folder with its
//! calls and the types that go over its wire; [`Client::look_up`] asks them all and answers in our
//! own words. What is known of the API is the vendor's documentation: its pages on v1 and on v2's
//! "Create Task", and its OpenAPI documents for the rest. `docs/cloud-api.md` lists every call.
//!
//! Fields that the documents do not name go through both ways, in `extra`; models, countries and
//! statuses are text, because the vendor adds some without asking us. Only documented limits are
//! held against a request, before it leaves.

mod answer;

mod budget;

mod by_version;

mod call;

mod client;

mod download;

mod error;

mod forward;

mod limits;

mod look_up;

mod newest;

mod mask;

mod patience;

mod pieces;

mod refusal;

mod report;

mod started;

pub mod v1;

pub mod v2;

pub mod v3;

pub mod v4;

mod wire;

pub use self::by_version::NewTask;
pub use self::by_version::Order;
pub use self::client::Client;
pub use self::client::Settings;
pub use self::download::Download;
pub use self::error::CloudError;
pub use self::error::Trouble;
pub use self::forward::Forward;
pub use self::forward::Forwarded;
pub use self::limits::OutOfLimits;
pub use self::newest::Newest;
pub use self::patience::Patience;
pub use self::started::started;
pub use self::wire::BrowserData;
pub use self::wire::Extra;
pub use self::wire::Moment;
pub use self::wire::Secrets;
