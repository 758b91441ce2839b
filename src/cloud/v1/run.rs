//! Starting a task.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::Metadata;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire::Extra;
use crate::cloud::wire::Secrets;

/// The most steps that an agent takes, in tasks and schedules.
pub(super) const MAX_STEPS: u32 = 200;

/// A task to run. What is not given is left to the vendor's defaults.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct RunTask {
    /// What the agent should do. Required.
    pub task: String,
    /// Secrets for the agent, by the names it knows them by.
    pub secrets: Option<Secrets>,
    /// Domains that the agent may visit, as in `*.skyscanner.com`; all unless given.
    pub allowed_domains: Option<Vec<String>>,
    /// The browser profile to use; the default profile unless given.
    pub browser_profile_id: Option<String>,
    /// Whether cookies and other data of the browser are kept; not unless given.
    pub save_browser_data: Option<bool>,
    /// A JSON schema, as text, that the output will follow.
    pub structured_output_json: Option<String>,
    /// The model; `gpt-4.1` unless given. Others that were on offer: `gpt-4o`, `gpt-4o-mini`,
    /// `gpt-4.1-mini`, `gemini-2.5-flash`, `claude-sonnet-4-20250514`.
    pub llm_model: Option<String>,
    /// Whether an ad blocker is used; so unless given.
    pub use_adblock: Option<bool>,
    /// Whether a proxy is used, which solving captchas needs; so unless given.
    pub use_proxy: Option<bool>,
    /// The proxy's country; `us` unless given. Others: `fr`, `it`, `jp`, `au`, `de`, `fi`, `ca`.
    pub proxy_country_code: Option<String>,
    /// Whether elements of the page are highlighted; so unless given.
    pub highlight_elements: Option<bool>,
    /// Names of files to give to the task, uploaded before with [`V1::upload`]; 50 MB in all.
    pub included_file_names: Option<Vec<String>>,
    /// The viewport's width in pixels; 1280 unless given.
    pub browser_viewport_width: Option<u32>,
    /// The viewport's height in pixels; 960 unless given.
    pub browser_viewport_height: Option<u32>,
    /// How many steps the agent may take: at most 200; 75 unless given.
    pub max_agent_steps: Option<u32>,
    /// Whether anybody with the address may see the task; not unless given.
    pub enable_public_share: Option<bool>,
    /// Tags of your own, which webhooks carry: at most 10 pairs, keys of 1 to 100 characters,
    /// values of at most 1000.
    pub metadata: Option<Metadata>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for RunTask {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("task", &self.task)?;
        limits::within("max_agent_steps", self.max_agent_steps, 1..=MAX_STEPS)?;
        limits::metadata(self.metadata.as_ref())
    }

    fn secrets(&self) -> Option<&Secrets> {
        self.secrets.as_ref()
    }
}

/// Something was created.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Created {
    /// Its id.
    pub id: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `POST /run-task`: starts a task and returns its id.
    ///
    /// Fails with [`Trouble::NoSubscription`](crate::cloud::Trouble) without an active
    /// subscription, and with `NoMoney` when the balance is used up.
    pub async fn run_task(&self, task: &RunTask) -> Result<Created, CloudError> {
        let call = call(Method::POST, &["run-task"], "profile or file").body(task)?;
        self.0.send(call).await?.json()
    }
}
