//! What is known of tasks, as programs and people ask for it.

mod reading;

mod waiting;
