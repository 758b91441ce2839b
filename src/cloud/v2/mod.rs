//! The API v2: tasks, each in a session.
//!
//! Its credential is `X-Browser-Use-API-Key: <key>`, its fields are in `camelCase`. Creating a task
//! is from the vendor's page on it, the rest from its OpenAPI document. Any call may fail in any way
//! of [`Trouble`](super::Trouble); those at a call are what the documents say of it.

#![expect(
    clippy::struct_field_names,
    reason = "fields are called what the vendor calls them"
)]

mod create;

mod tasks;

use reqwest::Method;

pub use self::create::CreateTask;
pub use self::create::CreatedTask;
pub use self::create::ProxyCountry;
pub use self::create::SessionSettings;
pub use self::create::Vision;
pub use self::tasks::DownloadUrl;
pub use self::tasks::ListTasks;
pub use self::tasks::OutputFile;
pub use self::tasks::Stop;
pub use self::tasks::Task;
pub use self::tasks::TaskPage;
pub use self::tasks::TaskStatus;
pub use self::tasks::TaskStep;
use super::Client;
use super::call::Call;
use crate::task::ApiVersion;

/// The calls of the API v2; from [`Client::v2`].
#[derive(Clone, Copy, Debug)]
pub struct V2<'c>(pub(super) &'c Client);

fn call<'a>(method: Method, path: &[&'a str], about: &'static str) -> Call<'a> {
    Call::new(ApiVersion::V2, method, path, about)
}
