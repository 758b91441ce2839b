//! An event that conditions look at.

use std::cell::OnceCell;

use crate::event::Sighting;
use crate::template::Context;
use crate::template::Expression;
use crate::template::TemplateError;

/// An event that conditions look at. It is made ready for them when the first asks, and once for
/// all: where nobody has a condition, nothing is done.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) event: Sighting<'a>,
    context: OnceCell<Result<Context, TemplateError>>,
}

impl<'a> Seen<'a> {
    pub(super) fn new(event: Sighting<'a>) -> Self {
        Self {
            event,
            context: OnceCell::new(),
        }
    }

    /// Whether a condition is true of it.
    pub(super) fn fits(&self, condition: &Expression) -> Result<bool, TemplateError> {
        let context = self.context.get_or_init(|| Context::of(&self.event));
        condition.holds(context.as_ref().map_err(Clone::clone)?)
    }
}
