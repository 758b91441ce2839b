//! Tests of the whole: what users see, what the promises say, and how the house is laid out. One
//! binary, a file a topic; the laws of single parts stand at the foot of their files in `src`.

#![cfg(test)]

mod harness;

mod api;
mod batching;
mod canonical;
mod cli;
mod cloud;
mod cloud_commands;
mod config;
mod connections;
mod delivering;
mod dispatching;
mod dispatching_end;
mod dispatching_outage;
mod dispatching_still;
mod dispatching_superseded;
mod doctor;
mod documents;
mod faults;
mod file_sink;
mod gateway;
mod http_sink;
mod layers;
mod map;
mod order;
mod reach;
mod receivers;
mod receiving;
mod recipes;
mod recovery;

mod rejections;
mod replaying;
mod secrecy;
mod shutdown;
mod simulator;
mod sinks;
mod statements;
mod tasks;
mod templates;
mod trying;
mod vectors;
mod vendor;
