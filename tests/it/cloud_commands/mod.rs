//! `tidings cloud`, from the command through the gateway to a simulated cloud and back.

mod account;

mod files;

mod profiles;

mod runs;

mod scheduled;

mod search;

mod sessions;

mod tasks;

mod trouble;
