//! What is known of tasks, as programs and people ask for it.

mod capturing;

mod capturing_limits;

mod commands;

mod enriching;

mod following;

mod leavings;

mod links;

mod looking_up;

mod outputs;

mod reading;

mod reconciling;

mod run_command;

mod running;

mod steering;

mod waiting;

mod watching;
