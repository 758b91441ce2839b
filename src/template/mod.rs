//! Conditions and templates that users write, in the words of Jinja.
//!
//! Everything here runs over events that strangers can shape, so it is bounded: in the length of
//! its source, in the steps and bytes that it may cost, in what it may print. It reads nothing but
//! the event: no files, no environment, no other templates. `docs/templates.md` is its manual.

mod context;

mod cut;

mod engine;

mod error;

mod expression;

mod filters;

mod text;

pub use self::context::Context;
pub use self::cut::Length;
pub use self::cut::MARK;
pub use self::cut::cut;
pub use self::error::TemplateError;
pub use self::expression::Expression;
pub use self::filters::Escape;
pub use self::text::Template;
