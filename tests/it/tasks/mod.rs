//! What is known of tasks, as programs and people ask for it.

mod commands;

mod reading;

mod waiting;
