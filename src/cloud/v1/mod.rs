//! The API v1: tasks, scheduled tasks, browser profiles, files, search, the account.
//!
//! Its credential is `Authorization: Bearer <key>`, its fields are in `snake_case`. Every field,
//! default and limit here is from the vendor's pages on v1; what they do not say is marked. Pages
//! name few errors, so any call may fail in any way of [`Trouble`](super::Trouble); those at a call
//! are what its page says of it.

#![expect(
    clippy::struct_field_names,
    reason = "fields are called what the vendor calls them"
)]

mod account;

mod files;

mod media;

mod paging;

mod profiles;

mod run;

mod schedules;

mod search;

mod tasks;

use reqwest::Method;

pub use self::account::Balance;
pub use self::files::LARGEST_UPLOAD;
pub use self::files::PresignUpload;
pub use self::files::UploadUrl;
pub use self::media::DownloadUrl;
pub use self::media::Gif;
pub use self::media::Media;
pub use self::media::Screenshots;
pub use self::paging::Paging;
pub use self::paging::Totals;
pub use self::profiles::CreateProfile;
pub use self::profiles::Profile;
pub use self::profiles::ProfilePage;
pub use self::profiles::UpdateProfile;
pub use self::run::Created;
pub use self::run::RunTask;
pub use self::schedules::CreateSchedule;
pub use self::schedules::Schedule;
pub use self::schedules::SchedulePage;
pub use self::schedules::UpdateSchedule;
pub use self::search::SearchResults;
pub use self::search::SearchUrl;
pub use self::search::SimpleSearch;
pub use self::search::UrlContent;
pub use self::tasks::Task;
pub use self::tasks::TaskPage;
pub use self::tasks::TaskStep;
pub use self::tasks::TaskSummary;
use super::Client;
use super::call::Call;
use crate::task::ApiVersion;

/// The calls of the API v1; from [`Client::v1`].
#[derive(Clone, Copy, Debug)]
pub struct V1<'c>(pub(super) &'c Client);

fn call<'a>(method: Method, path: &[&'a str], about: &'static str) -> Call<'a> {
    Call::new(ApiVersion::V1, method, path, about)
}
