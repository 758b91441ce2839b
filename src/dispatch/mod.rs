//! What is owed gets delivered.

mod backoff;

pub use self::backoff::RetryPolicy;
