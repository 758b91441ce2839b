//! Starting a task.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_with::skip_serializing_none;

use super::V2;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::Metadata;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire;
use crate::cloud::wire::Extra;
use crate::cloud::wire::Secrets;

/// The longest task, in characters.
const LONGEST_TASK: usize = 50_000;

/// The longest addition to the system prompt, in characters: the vendor's page says 2,000, its
/// newer OpenAPI document this.
const LONGEST_EXTENSION: usize = 10_000;

/// The longest expected answer, in characters.
const LONGEST_TRUTH: usize = 10_000;

/// A task to start. What is not given is left to the vendor's defaults.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateTask {
    /// What the agent should do: 1 to 50,000 characters. Required.
    pub task: String,
    /// The model; `browser-use-2.0` unless given. Others that were on offer: `browser-use-llm`,
    /// `gpt-4.1`, `gpt-4.1-mini`, `gpt-4o`, `gpt-4o-mini`, `o4-mini`, `o3`, `gemini-2.5-flash`,
    /// `gemini-2.5-pro`, `gemini-3-pro-preview`, `gemini-3-flash-preview`, `gemini-flash-latest`,
    /// `gemini-flash-lite-latest`, `claude-sonnet-4-20250514`, `claude-sonnet-4-5-20250929`,
    /// `claude-opus-4-5-20251101`, `claude-3-7-sonnet-20250219`,
    /// `llama-4-maverick-17b-128e-instruct`.
    pub llm: Option<String>,
    /// Where to start.
    pub start_url: Option<String>,
    /// How many steps the agent may take: 1 to 10,000; 100 unless given.
    pub max_steps: Option<u32>,
    /// A JSON schema, as text, that the output will follow.
    pub structured_output: Option<String>,
    /// The session to run in; one of its own, which closes at the end, unless given.
    pub session_id: Option<String>,
    /// Tags of your own, which webhooks carry: at most 10 pairs.
    pub metadata: Option<Metadata>,
    /// Secrets for the agent, by the names it knows them by.
    pub secrets: Option<Secrets>,
    /// Domains that the agent may visit; recommended with secrets.
    pub allowed_domains: Option<Vec<String>>,
    /// The 1Password vault to take secrets from.
    pub op_vault_id: Option<String>,
    /// How its own session is; without effect when there is a `session_id`.
    pub session_settings: Option<SessionSettings>,
    /// Whether elements of the page are highlighted; not unless given.
    pub highlight_elements: Option<bool>,
    /// Whether the agent goes fast; not unless given.
    pub flash_mode: Option<bool>,
    /// Whether the agent thinks aloud; not unless given.
    pub thinking: Option<bool>,
    /// Whether the agent sees the page; so unless given.
    pub vision: Option<Vision>,
    /// What to add to the system prompt: at most 10,000 characters; nothing unless given.
    pub system_prompt_extension: Option<String>,
    /// Whether a judge compares what came of it with `judge_ground_truth`; not unless given.
    pub judge: Option<bool>,
    /// The answer that the judge expects: at most 10,000 characters.
    pub judge_ground_truth: Option<String>,
    /// The judge's model: one of those of `llm`.
    pub judge_llm: Option<String>,
    /// Skills that the agent may use; `*` alone means all.
    pub skill_ids: Option<Vec<String>>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Whether an agent sees the page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Vision {
    /// It does, or not.
    Is(bool),
    /// In another way: `auto` leaves it to the agent.
    As(String),
}

/// Where a session's proxy is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum ProxyCountry {
    /// In this country: two small letters.
    In(String),
    /// Nowhere: there is no proxy. On the wire it is null.
    NoProxy,
}

/// How a task's own session is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionSettings {
    /// The browser profile to use.
    pub profile_id: Option<String>,
    /// The proxy's country; `us` unless given.
    #[serde(default, deserialize_with = "wire::given")]
    pub proxy_country_code: Option<ProxyCountry>,
    /// The screen's width in pixels: 320 to 6144.
    pub browser_screen_width: Option<u32>,
    /// The screen's height in pixels: 320 to 3456.
    pub browser_screen_height: Option<u32>,
    /// Whether the session is recorded; not unless given. Only the OpenAPI document has it.
    pub enable_recording: Option<bool>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for CreateTask {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("task", &self.task)?;
        limits::at_most("task", Some(&self.task), LONGEST_TASK)?;
        limits::within("maxSteps", self.max_steps, 1..=10_000)?;
        limits::few_pairs(self.metadata.as_ref())?;
        if let Some(settings) = &self.session_settings {
            let (width, height) = (
                settings.browser_screen_width,
                settings.browser_screen_height,
            );
            limits::within("sessionSettings.browserScreenWidth", width, 320..=6144)?;
            limits::within("sessionSettings.browserScreenHeight", height, 320..=3456)?;
        }
        let extension = self.system_prompt_extension.as_deref();
        limits::at_most("systemPromptExtension", extension, LONGEST_EXTENSION)?;
        let truth = self.judge_ground_truth.as_deref();
        limits::at_most("judgeGroundTruth", truth, LONGEST_TRUTH)
    }

    fn secrets(&self) -> Option<&Secrets> {
        self.secrets.as_ref()
    }
}

/// A task that was started.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedTask {
    /// Its id.
    pub id: String,
    /// The session it runs in.
    pub session_id: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V2<'_> {
    /// `POST /tasks`: starts a task.
    ///
    /// Fails with [`Trouble::Refused`](crate::cloud::Trouble) if its session has stopped or has a
    /// task that runs, and with `TooManySessions` if it would be one too many.
    pub async fn create_task(&self, task: &CreateTask) -> Result<CreatedTask, CloudError> {
        let call = call(Method::POST, &["tasks"], "session or profile").body(task)?;
        self.0.send(call).await?.json()
    }
}
