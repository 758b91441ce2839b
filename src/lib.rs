//! Tidings receives webhooks from Browser Use Cloud, keeps them, and delivers them to your own
//! systems.
//!
//! # The life of an event
//!
//! ```text
//! POST /webhook ─▶ ingest ─▶ store ─▶ dispatch ─▶ sinks ─▶ your systems
//!                  verify    append    claim       send
//!                  parse     commit    settle      once
//!                              │
//!                              └─▶ tasks: where each stands, for whoever asks or waits
//! ```
//!
//! The sender gets its `200 OK` after the commit and not before. From then on the event is ours: a
//! crash, a restart or a sink that is down for a day does not lose it. A sink may see an event
//! twice; it never misses one.
//!
//! The modules below stand in the order of that road. `ARCHITECTURE.md` says who may know whom.

// The blank lines keep rustfmt from sorting the modules by name: their order is the story's. What
// stands above each is no doc comment, because that would be glued to the module's own and take
// its links out of their scope.

// Words: Python's canonical JSON, the form that Browser Use signs.
pub mod canonical;

// Words: what exactly is signed, and how.
pub mod signing;

// Words: what arrived, in our own terms.
pub mod event;

// Words: what events are about, and how it stands.
pub mod task;

// Words: one event owed to one sink, and the tries to hand it over.
pub mod delivery;

// Words: a wish to have many delivered once more.
pub mod replay;

// Words: a request that was refused.
pub mod rejection;

// Words: conditions and templates that users write.
pub mod template;

// Words: which sinks an event goes to.
pub mod routing;

// Words: events as they may come, for settings to be tried on.
pub mod samples;

// Words: who may call the API, and how far.
pub mod access;

// Words: names as the configuration writes them.
pub mod name;

// Words: public ids made from a row's number.
pub mod id;

// Words: where the time comes from.
pub mod clock;

// Words: strings that must not be printed.
pub mod secret;

// Words: the webhook secrets in force.
pub mod keyring;

// Words: lengths of time as people write them.
pub mod period;

// Words: how often something may happen.
pub mod rate;

// Words: errors told with what they came from.
pub mod causes;

// Words: which cryptography TLS uses.
pub mod tls;

// Words: how others are called, and why they did not answer.
pub mod outgoing;

// 1. A request becomes a stored event.
pub mod ingest;

// 2. What we promised survives a crash.
pub mod store;

// 3. What is owed gets delivered.
pub mod dispatch;

// 3. Much that is owed once more.
pub mod replays;

// 4. Where events go: one file a kind.
pub mod sinks;

// Knowledge about tasks: Browser Use's own API.
pub mod cloud;

// Knowledge about tasks: kept up with the log, told to whoever waits.
pub mod tasks;

// Doors: the API for programs.
pub mod api;

// Doors: the commands.
pub mod cli;

// Doors: a Browser Use Cloud for development.
pub mod simulator;

// The frame: what the operator decides.
pub mod config;

// The frame: the log.
pub mod telemetry;

// The frame: every part is built and joined here.
pub mod app;

// The frame: how connections are accepted, bounded and brought to their end.
pub mod http;

// The frame: how many files may be open, connections among them.
pub mod open_files;

// The frame: the wish that everything should stop.
pub mod shutdown;
