//! The shape in which the API and the sinks see an event.
