//! The two manners in which the engine works: for conditions, and for templates.

use std::sync::LazyLock;

use minijinja::AutoEscape;
use minijinja::Environment;
use minijinja::UndefinedBehavior;

use super::Escape;
use super::filters;

/// What a condition may cost: a step is 1, and so are 64 bytes that it makes or reads. That is some
/// milliseconds and 3 MB at the very worst.
const CONDITION_FUEL: u64 = 50_000;

/// What a template may cost: enough for the largest outputs, and 64 MB at the very worst.
const TEMPLATE_FUEL: u64 = 1_000_000;

/// For conditions: what is not there is false, and so is whatever is asked of it. Events without
/// metadata are no mistake.
pub(super) static CONDITIONS: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Chainable, CONDITION_FUEL));

/// For templates: what is not there is an error. A message with a hole in it looks like news.
static TEMPLATES: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Strict, TEMPLATE_FUEL));

/// An engine for one template.
pub(super) fn for_templates() -> Environment<'static> {
    // It shares its filters and tests with all others.
    TEMPLATES.clone()
}

/// An engine for one template in somebody's markup.
pub(super) fn for_markup(escape: Escape) -> Environment<'static> {
    let mut engine = for_templates();
    // By this the engine knows that what a block or a macro has printed is markup already.
    engine.set_auto_escape_callback(|_| AutoEscape::Custom("markup".into()));
    engine
        .set_formatter(move |out, state, value| filters::print_escaped(out, state, value, escape));
    engine
}

fn environment(undefined: UndefinedBehavior, fuel: u64) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_fuel(Some(fuel));
    // Tells where in the source something went wrong, and what was undefined.
    environment.set_debug(true);
    // It would show whatever it is given, in words that nobody else uses.
    environment.remove_global("debug");
    environment.remove_filter("pprint");
    filters::add_to(&mut environment);
    environment
}

/// The names in a set that are not the engine's own functions, in order.
pub(super) fn of_others(
    environment: &Environment<'_>,
    names: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let mut names: Vec<String> = names
        .into_iter()
        .filter(|name| !environment.globals().any(|(global, _)| global == name))
        .collect();
    names.sort();
    names
}
