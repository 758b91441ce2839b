//! What each kind of sink sends, and what it makes of the answers.

mod batches;
mod command;
mod commands;
mod discord;
mod email;
mod ntfy;
mod pagerduty;
pub(crate) mod pages;
mod secrecy;
mod slack;
mod teams;
mod telegram;
mod template;
