//! What an agent was told to do.

use std::collections::BTreeMap;

/// What an agent was told to do.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that the vendor's API has"
)]
pub(crate) struct Assignment {
    /// In plain words.
    pub(crate) task: String,
    pub(crate) model: String,
    /// None where the request had none.
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    /// Names of uploaded files.
    pub(crate) files: Vec<String>,
    /// Where a v2 task begins.
    pub(crate) start_url: Option<String>,
    pub(crate) saves_browser_data: bool,
    pub(crate) is_public: bool,
    pub(crate) is_judged: bool,
    /// Whether the output has to be JSON.
    pub(crate) is_structured: bool,
    /// At most so many steps; none: as many as it wants.
    pub(crate) max_steps: Option<u32>,
}
