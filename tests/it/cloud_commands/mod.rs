//! `tidings cloud`, from the command through the gateway to a simulated cloud and back.

mod account;

mod files;

mod profiles;

mod scheduled;

mod search;

mod tasks;

mod trouble;
