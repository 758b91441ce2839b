//! The simulated cloud, as a client of the vendor's API and a receiver of its webhooks sees it.

mod command;
mod mischief;
mod schedules;
mod v1;
mod v2;
mod v3;
mod v4;
mod webhooks;
