//! Names in conditions and templates that nothing has.

use super::fault::nearest;
use crate::template::Context;

/// What is sent beside an event only if it is asked for.
const TASK: &str = "task";

/// A name that a condition or a template asks for and nothing has, as a sentence that goes on after
/// its key. `names` are those before the first dot, `paths` the same with what is taken of them.
pub(super) fn stranger(names: &[String], paths: &[String], seen: &Context) -> Option<String> {
    let known = seen.names();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let hint = hint(name, &known);
        return Some(format!("asks for `{name}`, which no event has; {hint}"));
    }
    // All else in an event is its sender's; a task has the same members always.
    let known = seen.names_in(TASK).into_iter();
    let known: Vec<String> = known.map(|member| format!("{TASK}.{member}")).collect();
    let name = paths
        .iter()
        .filter_map(|path| member(path))
        .find(|name| !known.contains(name))?;
    let hint = hint(&name, &known);
    Some(format!("asks for `{name}`, which no task has; {hint}"))
}

/// The member of the task that is asked for, such as `task.files` of `task.files.first`.
fn member(path: &str) -> Option<String> {
    let mut names = path.split('.');
    let (object, member) = (names.next()?, names.next()?);
    (object == TASK).then(|| format!("{object}.{member}"))
}

/// What may have been meant.
fn hint(name: &str, known: &[String]) -> String {
    nearest(name, known.iter().map(String::as_str)).map_or_else(
        || format!("there are: {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    )
}
