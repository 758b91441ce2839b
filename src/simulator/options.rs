//! How a simulated cloud behaves.

use std::time::Duration;

use super::Era;
use super::Life;
use super::Mischief;
use super::TimeStyle;
use crate::event::SignatureForm;

/// How a simulated cloud behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a task stays in each state: created, three steps, its end.
    pub pace: Duration,
    /// How tasks go that do not say it themselves.
    pub life: Life,
    /// The words of webhooks; none: those of the API through which a task was made.
    pub era: Option<Era>,
    /// What is signed.
    pub form: SignatureForm,
    /// How the header writes the time.
    pub time: TimeStyle,
    /// What chance and ids are made from: the same seed gives the same.
    pub seed: u64,
    /// How many tasks and sessions are remembered.
    pub keep: usize,
    /// What goes wrong.
    pub mischief: Mischief,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pace: Duration::from_secs(2),
            life: Life::default(),
            era: None,
            form: SignatureForm::Python,
            time: TimeStyle::default(),
            seed: 0,
            keep: 1_000,
            mischief: Mischief::default(),
        }
    }
}
