//! What tells people of an event through a service's webhook stands on this: see [`slack`] for the
//! shape. Each service adds its message, within its limits, and its words for what went wrong.
//!
//! ```text
//! Event ──Note──▶ the service's message ──Webhook──▶ Answer ──judge──▶ Receipt, or why not
//!   └── template, where the user has words of their own
//! ```
//!
//! [`slack`]: super::slack

mod channel;

mod meaning;

mod webhook;

mod words;

pub(super) use self::channel::Channel;
pub(super) use self::channel::Form;
pub(super) use self::meaning::Meaning;
pub(super) use self::meaning::judge;
pub(super) use self::webhook::Webhook;
pub(super) use self::words::Words;
