//! Receivers that never heard of Tidings, in the languages and with the libraries that people have:
//! what they are sent, they take. `scripts/test` installs what they need.

mod forwarding;

mod standard;

mod webhook;
