//! Builds every part and joins them: the only place that knows all.

mod admin_token;

pub use self::admin_token::read_admin_token;
